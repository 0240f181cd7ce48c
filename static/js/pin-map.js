// Puts a pin on the base map and its latitude and longitude into two inputs. The inputs are the
// way without a mouse: typing there moves the pin.
//
// <div class="map" data-pin-latitude="input id" data-pin-longitude="input id" data-base-url ...>

import { openMap, whenSeen } from "./base-map.js";

const DIGITS = 5; // About a metre: finer would pretend.

async function draw(element) {
  const latitude = document.getElementById(element.dataset.pinLatitude);
  const longitude = document.getElementById(element.dataset.pinLongitude);
  const map = await openMap(element);
  const { L } = window;
  const icon = L.divIcon({ className: "map-pin", iconSize: [28, 28], iconAnchor: [14, 34] });
  let pin = null;

  const place = (point) => {
    if (pin) pin.setLatLng(point);
    else {
      pin = L.marker(point, { icon, draggable: true, keyboard: false }).addTo(map);
      pin.on("dragend", () => write(pin.getLatLng().wrap()));
    }
  };
  const write = (point) => {
    latitude.value = point.lat.toFixed(DIGITS);
    longitude.value = point.lng.toFixed(DIGITS);
    for (const input of [latitude, longitude]) {
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }
  };
  const read = () => {
    const [lat, lng] = [latitude.value, longitude.value].map((text) => Number.parseFloat(text));
    if (!(Math.abs(lat) <= 90 && Math.abs(lng) <= 180)) return;
    place([lat, lng]);
    map.setView([lat, lng], Math.max(map.getZoom(), 6), { animate: false });
  };

  map.on("click", (event) => {
    const point = event.latlng.wrap();
    place(point);
    write(point);
  });
  // From the keyboard: arrows move the map, Enter drops the pin in its middle.
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== element) return;
    event.preventDefault();
    place(map.getCenter().wrap());
    write(map.getCenter().wrap());
  });
  for (const input of [latitude, longitude]) input.addEventListener("input", read);
  read();
  element.dataset.ready = "true";
}

for (const element of document.querySelectorAll(".map[data-pin-latitude]")) {
  whenSeen(element, () => draw(element));
}
