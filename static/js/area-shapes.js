// The shapes of an area across the 180th meridian: GeoJSON on one side, Leaflet on the other.
// The server cuts there; on the map a shape hangs together, and is seen from every world.

export const WORLDS = [-360, 0, 360];
const MOST_CORNERS = 400; // More handles than that nobody can grasp: such a shape is moved whole.
const LONGEST_EDGE = 45; // Degrees. Beyond 180 an edge would be taken to go the other way round.

function ringsOf(geometry) {
  if (geometry?.type === "Polygon") return [geometry.coordinates];
  return geometry?.type === "MultiPolygon" ? geometry.coordinates : [];
}

const longitudes = (rings) => rings[0].map(([longitude]) => longitude);

export function shifted(polygons, by) {
  return polygons.map((rings) => rings.map((ring) => ring.map(([x, y]) => [x + by, y])));
}

// The polygons of a geometry, those beyond the 180th meridian put beside those before it.
export function whole(geometry) {
  const polygons = ringsOf(geometry);
  const touches = (edge) => polygons.some((rings) => longitudes(rings)
    .some((longitude) => Math.abs(longitude - edge) < 1e-6));
  if (!touches(180) || !touches(-180)) return polygons;
  return polygons.flatMap((rings) => shifted([rings], Math.max(...longitudes(rings)) <= 0 ? 360 : 0));
}

export function boundsOf(polygons) {
  const points = polygons.flatMap((rings) => rings[0]);
  if (!points.length) return null;
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    west = Math.min(west, x);
    east = Math.max(east, x);
    south = Math.min(south, y);
    north = Math.max(north, y);
  }
  return { west, south, east, north };
}

// How far to shift a shape so that it lies in the world that the map shows.
export function towards(bounds, longitude) {
  return 360 * Math.round((longitude - (bounds.west + bounds.east) / 2) / 360);
}

// In every world at once, so that panning on never leaves the area behind.
export function inEveryWorld(L, geometry, style) {
  const polygons = whole(geometry);
  return L.layerGroup(WORLDS.map((by) => L.polygon(latLngs(shifted(polygons, by)), style)));
}

// Without the last corner of a ring, which in GeoJSON is the first again.
export function latLngs(polygons) {
  return polygons.map((rings) => rings.map((ring) => ring.slice(0, -1).map(([x, y]) => [y, x])));
}

export function canShowCorners(polygons) {
  return polygons.reduce((sum, rings) => sum + rings.flat().length, 0) <= MOST_CORNERS;
}

// Corners as Leaflet has them, to GeoJSON; long edges get corners in between.
function closed(corners) {
  const ring = [];
  corners.forEach(({ lat, lng }, number) => {
    const next = corners[(number + 1) % corners.length];
    const steps = Math.max(1, Math.ceil(Math.abs(next.lng - lng) / LONGEST_EDGE));
    for (let step = 0; step < steps; step += 1) {
      ring.push([
        Number((lng + ((next.lng - lng) * step) / steps).toFixed(6)),
        Number((lat + ((next.lat - lat) * step) / steps).toFixed(6)),
      ]);
    }
  });
  return [...ring, ring[0]];
}

// All numbers of it between -540 and 540, as the server takes them.
function near(polygons) {
  const bounds = boundsOf(polygons);
  return shifted(polygons, towards(bounds, 0));
}

export function geometryOf(layer) {
  const shapes = layer.getLatLngs();
  // A polygon is rings, several are lists of rings: Leaflet tells them apart by depth alone.
  const several = Array.isArray(shapes[0][0]) ? shapes : [shapes];
  const polygons = near(several.map((rings) => rings.map(closed)));
  return polygons.length === 1
    ? { type: "Polygon", coordinates: polygons[0] }
    : { type: "MultiPolygon", coordinates: polygons };
}

// What a layer that was drawn or changed says of its piece.
export function measured(L, layer) {
  if (layer instanceof L.Circle) {
    const centre = layer.getLatLng().wrap();
    return {
      latitude: Number(centre.lat.toFixed(5)),
      longitude: Number(centre.lng.toFixed(5)),
      radius_km: rounded(layer.getRadius() / 1000),
    };
  }
  return { geometry: geometryOf(layer) };
}

// Three figures are all that a hand on a map can mean.
export function rounded(km) {
  return km >= 100 ? Math.round(km) : Number(km.toPrecision(2));
}

// A layer that can be changed, in the world that the map shows.
export function layerOf(L, piece, longitude, style) {
  if (isCircle(piece)) {
    const at = { west: piece.longitude, east: piece.longitude };
    return L.circle([piece.latitude, piece.longitude + towards(at, longitude)], {
      ...style, radius: piece.radius_km * 1000,
    });
  }
  const polygons = whole(piece.drawn ?? piece.geometry);
  const bounds = boundsOf(polygons);
  const by = towards(bounds, longitude);
  if (piece.kind === "rectangle") {
    return L.rectangle(
      [[bounds.south, bounds.west + by], [bounds.north, bounds.east + by]], style,
    );
  }
  const shapes = latLngs(shifted(polygons, by));
  return L.polygon(shapes.length === 1 ? shapes[0] : shapes, style);
}

export function isCircle(piece) {
  return piece.kind === "circle" || piece.kind === "place";
}

// A country or a region is chosen whole: moved, it would no longer be what it is called.
export function canBeChanged(piece) {
  return !piece.country_codes?.length && !piece.region_codes?.length;
}
