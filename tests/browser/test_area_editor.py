"""An affected area drawn on the map in a real browser: by mouse, and by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import shapely
from playwright.sync_api import Locator, Page, Response, expect

from accounts.models import User
from crises import actions
from crises.drafting import area_of
from crises.models import AreaDraft
from crises.pieces import circle_piece
from tests.browser.accessibility import assert_accessible
from tests.browser.conftest import Watch
from tests.factories.accounts import PASSWORD, code, make_officer
from tests.factories.crises import make_people
from tests.factories.registrations import make_places

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _world():
    make_places()


class Editor:
    """The page of one unfinished area, with the map ready."""

    def __init__(self, page: Page, draft: AreaDraft) -> None:
        self.page = page
        self.draft = draft
        self.map = page.locator("[data-area-editor]")
        self.radius = page.locator("[data-radius] input")
        self.list = page.locator("#area .pieces__item")

    def open(self) -> Editor:
        self.page.goto(f"/crises/area/{self.draft.pk}/")
        expect(self.map).to_have_attribute("data-ready", "true")
        self.saved()
        return self

    def saved(self) -> Editor:
        """Wait until the server has what is on the map, and the list beside it says so."""
        expect(self.map).to_have_attribute("data-state", "saved")
        expect(self.page.locator("#area")).not_to_have_attribute("aria-busy", "true")
        self.draft.refresh_from_db()
        return self

    def tool(self, name: str) -> Locator:
        return self.page.locator(f"[data-tool={name}]")

    def take(self, name: str) -> Editor:
        self.tool(name).click()
        expect(self.tool(name)).to_have_attribute("aria-pressed", "true")
        return self

    def click(self, *places: tuple[int, int]) -> Editor:
        """Places on the map, in pixels from its middle."""
        for x, y in places:
            self._go_to(x, y)
            self.page.mouse.down()
            self.page.mouse.up()
        return self

    def drag(self, start: tuple[int, int], end: tuple[int, int]) -> Editor:
        self._go_to(*start)
        self.page.mouse.down()
        self._go_to(*end)
        self.page.mouse.up()
        return self

    def press(self, *keys: str) -> Editor:
        for key in keys:
            self.page.keyboard.press(key)
        return self

    def _go_to(self, x: int, y: int) -> None:
        self.map.scroll_into_view_if_needed()
        box = self.map.bounding_box()
        assert box is not None
        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self.page.mouse.move(middle[0] + x, middle[1] + y, steps=3)

    def covers(self, latitude: float, longitude: float) -> bool:
        point = shapely.Point(longitude, latitude)
        return bool(area_of(self.draft.pieces).geometry.covers(point))


def sign_in(page: Page, officer: User) -> None:
    """In whatever language: the page is known by its fields."""
    page.goto("/accounts/login/")
    page.locator("#id_login").fill(officer.email)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("main form button").last.click()
    page.locator("#id_code").fill(code())
    page.locator("main form button").first.click()
    expect(page.locator("#id_code")).to_have_count(0)


@pytest.fixture
def faults_of_refusals(open_page: Callable[..., Page], monkeypatch: pytest.MonkeyPatch) -> None:
    """A drawing that is refused is answered with 409 or 422: here that is what is looked for."""
    answer = Watch._answer

    def expected(self: Watch, response: Response) -> None:
        if response.status not in {409, 422}:
            answer(self, response)

    monkeypatch.setattr(Watch, "_answer", expected)


@pytest.fixture
def open_editor(open_page: Callable[..., Page]) -> Callable[..., Editor]:
    def _open(*pieces: dict, may_log: str = "", **visitor: object) -> Editor:
        officer = make_officer()
        page = open_page(may_log=may_log, **visitor)
        sign_in(page, officer)
        return Editor(page, actions.start_draft(by=officer, pieces=list(pieces))).open()

    return _open


NEPAL = circle_piece(27.7, 85.3, 300)


def test_a_shape_by_mouse_added_and_one_taken_away(open_editor):
    editor = open_editor(NEPAL).take("Polygon")
    assert_accessible(editor.page)
    editor.click((-200, -150), (150, -150), (150, 100), (-200, 100), (-200, -150)).saved()
    assert [piece["kind"] for piece in editor.draft.pieces] == ["circle", "polygon"]
    expect(editor.list).to_have_count(2)
    expect(editor.list.last).to_contain_text("Shape 1 from the map")
    assert editor.covers(27.7, 85.3)

    editor.page.get_by_label("is taken away").check()
    editor.take("Rectangle").click((-60, -60), (60, 60)).saved()
    rectangle = editor.draft.pieces[-1]
    assert (rectangle["kind"], rectangle["operation"]) == ("rectangle", "subtract")
    assert not editor.covers(27.7, 85.3)
    assert_accessible(editor.page)

    undo = editor.page.get_by_role("button", name="Undo")
    undo.click()
    expect(editor.list).to_have_count(2)
    undo.click()
    expect(editor.list).to_have_count(1)
    editor.saved()
    expect(undo).to_be_disabled()
    assert [piece["kind"] for piece in editor.draft.pieces] == ["circle"]


def test_a_name_out_of_a_file_is_words_on_the_map(open_editor):
    name = '<form action="/elsewhere"><b>Flood</b></form>'
    editor = open_editor(circle_piece(27.7, 85.3, 300, label=name))
    editor.map.scroll_into_view_if_needed()
    editor.page.locator("[data-area-editor] path.leaflet-interactive").nth(1).dispatch_event(
        "mouseover"
    )
    expect(editor.page.locator(".leaflet-tooltip")).to_have_text(name)
    expect(editor.page.locator(".leaflet-tooltip form, .leaflet-tooltip b")).to_have_count(0)


def test_a_circle_by_mouse_is_resized_moved_and_removed(open_editor):
    editor = open_editor(NEPAL).take("Circle").click((150, 0), (230, 0)).saved()
    circle = editor.draft.pieces[-1]
    assert 100 < circle["radius_km"] < 400
    assert circle["longitude"] > 86
    editor.list.last.get_by_role("button", name="Change").click()
    expect(editor.map).to_be_focused()
    assert_accessible(editor.page)
    editor.radius.fill("77")
    editor.radius.press("Tab")
    expect(editor.list.last).to_contain_text("within 77 km")
    editor.saved().drag((150, 0), (150, 80)).saved()
    moved = editor.draft.pieces[-1]
    assert moved["radius_km"] == 77
    assert moved["latitude"] < circle["latitude"] - 0.5
    editor.page.get_by_role("button", name="Done").click()
    expect(editor.list.last.get_by_role("button", name="Change")).to_be_focused()
    editor.list.last.get_by_role("button", name="Remove").click()
    expect(editor.list.first.get_by_role("button", name="Remove")).to_be_focused()
    assert len(editor.saved().draft.pieces) == 1


def test_a_corner_is_dragged(open_editor):
    editor = open_editor(NEPAL).take("Polygon")
    editor.click((100, 60), (200, 60), (200, 160), (100, 160), (100, 60)).saved()
    before = editor.draft.pieces[-1]["geometry"]
    editor.list.last.get_by_role("button", name="Change").click()
    editor.drag((200, 160), (250, 190)).saved()
    after = editor.draft.pieces[-1]["geometry"]
    corners = [{tuple(corner) for corner in one["coordinates"][0]} for one in (before, after)]
    assert len(corners[0] & corners[1]) == 3
    editor.press("Escape")
    expect(editor.page.locator("[data-now]")).to_be_hidden()


def test_all_of_it_by_keyboard_alone(open_editor):
    editor = open_editor(NEPAL)
    crossed = re.compile("map--crossed")

    editor.tool("Polygon").focus()
    editor.press("Enter")
    expect(editor.map).to_be_focused()
    expect(editor.map).to_have_class(crossed)
    editor.press("Enter", *["ArrowRight"] * 2, "Enter", "ArrowDown", "ArrowDown", "Enter")
    editor.press("ArrowDown", "Enter", "Backspace")
    said = editor.page.locator("[data-say]")
    expect(said).to_have_text("Taken back. Corners left: 3.")
    assert_accessible(editor.page)
    editor.page.get_by_role("button", name="Finish").focus()
    editor.press("Enter")
    expect(editor.map).to_be_focused()
    editor.saved()
    shape = editor.draft.pieces[-1]
    assert (shape["kind"], len(shape["geometry"]["coordinates"][0])) == ("polygon", 4)

    editor.tool("Circle").focus()
    editor.press("Enter", "Enter", "+", "+")
    radius = editor.radius.input_value()
    editor.press("Enter")
    assert f"{editor.saved().draft.pieces[-1]['radius_km']:g}" == radius

    editor.page.get_by_label("is added").focus()
    editor.press("ArrowDown")
    expect(editor.page.get_by_label("is taken away")).to_be_checked()
    editor.tool("Rectangle").focus()
    editor.press("Enter", "Enter", "ArrowUp", "ArrowLeft", "Enter")
    taken = editor.saved().draft.pieces[-1]
    assert (taken["kind"], taken["operation"]) == ("rectangle", "subtract")

    editor.list.nth(2).get_by_role("button", name="Change").focus()
    editor.press("Enter", "ArrowUp", "ArrowUp")
    before = editor.draft.pieces[2]["latitude"]
    assert editor.saved().draft.pieces[2]["latitude"] > before
    editor.press("Escape")
    expect(editor.list.nth(2).get_by_role("button", name="Change")).to_be_focused()


def test_a_first_corner_met_again_closes_the_shape_and_escape_leaves(open_editor):
    editor = open_editor(NEPAL).take("Polygon")
    editor.press("Enter", "ArrowRight", "Enter", "ArrowDown", "Enter", "ArrowLeft", "ArrowUp")
    editor.press("Enter").saved()
    assert editor.draft.pieces[-1]["kind"] == "polygon"
    editor.take("Rectangle").press("Enter", "Escape")
    expect(editor.tool("Rectangle")).to_be_focused()
    expect(editor.page.locator("[data-now]")).to_be_hidden()
    assert len(editor.saved().draft.pieces) == 2


def test_across_the_180th_meridian(open_editor):
    editor = open_editor(circle_piece(-17.7, 178.5, 300)).take("Rectangle")
    editor.click((-150, -100), (250, 100)).saved()
    assert len(area_of(editor.draft.pieces[1:]).geometry.geoms) == 2
    assert editor.covers(-17.7, 179.5)
    assert editor.covers(-17.7, -179.5)
    assert not editor.covers(-17.7, 170)


def test_who_is_there_is_counted_anew(open_editor):
    make_people(6)
    editor = open_editor(circle_piece(27.7, 85.3, 20))
    there = editor.page.locator("#people-there")
    expect(there.locator(".tile__number").first).to_have_text("5")
    editor.page.route("**/count/", lambda route: None)
    editor.take("Circle").press("Enter", "Enter")
    expect(there).to_have_attribute("aria-busy", "true")
    expect(there.locator(".tile__number")).to_have_count(0)
    editor.page.unroute("**/count/")
    editor.page.get_by_role("button", name="Undo").click()
    expect(there.locator(".tile__number").first).to_have_text("5")


def test_a_failing_line_keeps_the_drawing_and_sends_it_again(open_editor):
    editor = open_editor(NEPAL, may_log="net::ERR_FAILED")
    editor.page.route("**/pieces/", lambda route: route.abort())
    editor.take("Circle").press("Enter", "Enter")
    expect(editor.page.get_by_text("Not saved yet", exact=False).first).to_be_visible()
    assert_accessible(editor.page)
    assert len(AreaDraft.objects.get(pk=editor.draft.pk).pieces) == 1
    editor.page.unroute("**/pieces/")
    expect(editor.map).to_have_attribute("data-state", "saved", timeout=20_000)
    assert len(editor.saved().draft.pieces) == 2


def test_another_tab_was_faster(open_editor, faults_of_refusals):
    editor = open_editor(NEPAL)
    actions.set_pieces(
        draft=editor.draft, pieces=[circle_piece(10, 10, 50)], by=editor.draft.made_by
    )
    editor.take("Circle").press("Enter", "Enter")
    expect(editor.map).to_have_attribute("data-state", "overtaken")
    expect(editor.page.locator("[data-saving]")).to_contain_text("another tab")
    expect(editor.list).to_have_count(1)


def test_what_makes_no_area_is_said_and_left_out(open_editor, faults_of_refusals):
    editor = open_editor()
    editor.page.get_by_label("is taken away").check()
    editor.take("Circle").press("Enter", "Enter")
    expect(editor.map).to_have_attribute("data-state", "refused")
    expect(editor.page.locator("[data-saving]")).to_contain_text("Add a piece first")
    expect(editor.list).to_contain_text("Not counted")
    assert_accessible(editor.page)
    assert AreaDraft.objects.get(pk=editor.draft.pk).pieces == []
    # With something to take away from, it counts after all.
    editor.page.get_by_label("is added").check()
    editor.take("Circle").press("Enter", "+", "+", "+", "Enter").saved()
    assert [piece["operation"] for piece in editor.draft.pieces] == ["add", "subtract"]


@pytest.mark.parametrize("width", [360, 1280])
def test_in_arabic(open_editor, width):
    editor = open_editor(NEPAL, locale="ar", width=width)
    zoom = editor.page.locator(".leaflet-right .leaflet-control-zoom")
    expect(zoom).to_be_visible()
    editor.take("Circle").press("Enter")
    assert_accessible(editor.page)
    editor.press("Enter").saved()
    assert len(editor.draft.pieces) == 2
    assert_accessible(editor.page)
