"""The rehearsal's visitor reads forms as a browser without scripts would send them."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from micic_portal.demo.visitor import Form, Page, UnexpectedPage, Visitor, read_forms


def the_form(inside: str, attributes: str = "") -> Form:
    (form,) = read_forms(f"<form {attributes}>{inside}</form>")
    return form


class TestWhatAFormHolds:
    @pytest.mark.parametrize(
        ("inside", "values"),
        [
            ('<input name="a" value="1">', [("a", "1")]),
            ('<input name="a">', [("a", "")]),
            ('<input value="nameless">', []),
            ('<input name="a" value="&lt;&amp;&quot;ñ">', [("a", '<&"ñ')]),
            ('<input type="hidden" name="a" value="h"/>', [("a", "h")]),
            ('<input type="checkbox" name="a" value="1">', []),
            ('<input type="checkbox" name="a" value="1" checked>', [("a", "1")]),
            ('<input type="checkbox" name="a" checked>', [("a", "on")]),
            ('<input type="radio" name="a" value="1"><input type="radio" name="a" value="2" checked'
             ">", [("a", "2")]),
            ('<input type="CHECKBOX" name="a" value="1">', []),
            ('<input type="file" name="a">', []),
            ('<input type="submit" name="a" value="Go">', []),
            ('<input type="image" name="a">', []),
            ('<input name="a" value="1" disabled>', []),
            ("<textarea name=a>\nTwo\nlines</textarea>", [("a", "Two\nlines")]),
            ("<textarea name=a>\n\nA gap</textarea>", [("a", "\nA gap")]),
            ("<textarea name=a>&lt;b&gt; &amp; more</textarea>", [("a", "<b> & more")]),
            ("<textarea name=a></textarea>after", [("a", "")]),
            ('<select name="a"><option value="1">x<option value="2" selected>y</select>',
             [("a", "2")]),
            ('<select name="a"><option value="1">x<option value="2">y</select>', [("a", "1")]),
            ('<select name="a"><option value="1" disabled>x<option value="2">y</select>',
             [("a", "2")]),
            ('<select name="a"><option> Peru </option></select>', [("a", "Peru")]),
            ('<select name="a"><option selected value=>x</option><option>y</select>', [("a", "")]),
            ('<select name="a" multiple><option value="1">x</select>', []),
            ('<select name="a" multiple><option value="1" selected>x<option value="2" selected>y'
             "</select>", [("a", "1"), ("a", "2")]),
            ('<select name="a"></select>', []),
        ],
    )  # fmt: skip
    def test_values(self, inside, values):
        assert the_form(inside).values == values

    def test_what_could_be_filled_in_has_a_name(self):
        form = the_form(
            '<input name="a"><input type="checkbox" name="b"><select name="c"></select>'
            '<textarea name="d"></textarea><input type="file" name="e"><button name="f">Go</button>'
        )
        assert form.names == {"a", "b", "c", "d", "e"}

    def test_buttons_are_sent_only_when_pressed(self):
        form = the_form(
            '<button name="then" value="another">+</button><button type="button" name="no">x'
            '</button><input type="submit" name="go" value="1"><button>Plain</button>'
        )
        assert form.buttons == [("then", "another"), ("go", "1"), ("", "")]
        assert form.values == []

    def test_where_it_goes(self):
        assert (
            the_form("", 'action="/there/?a=1&amp;b=2" method="POST"').action == "/there/?a=1&b=2"
        )
        assert the_form("", 'method="POST"').method == "post"
        assert the_form("").method == "get"

    def test_what_stands_outside_belongs_to_nobody(self):
        first, second = read_forms(
            '<input name="x"><form><input name="a"></form><textarea name="y">t</textarea>'
            '<form><input name="b"></form>'
        )
        assert (first.names, second.names) == ({"a"}, {"b"})


class TestAPage:
    def test_finds_a_form_by_field_or_button(self):
        page = Page("http://x/y?z=1", 200, "", read_forms(
            '<form><input name="a"></form><form><button name="b">B</button></form>'
        ))  # fmt: skip
        assert page.form_with("a") is page.forms[0]
        assert page.form_with("b") is page.forms[1]

    def test_names_no_query_when_it_finds_none(self):
        with pytest.raises(UnexpectedPage, match=r"^No form with 'c' on http://x/y \(404\)\.$"):
            Page("http://x/y?secret=1", 404, "", []).form_with("c")


async def _echo(request: web.Request) -> web.Response:
    """What arrived, in the words of the page that it comes back in."""
    data = await request.post() if request.method == "POST" else request.query
    sent = [
        f"{name}={value.filename if isinstance(value, web.FileField) else str(value)}"
        for name, value in data.items()
    ]
    return web.Response(text=f"{request.method} {' '.join(sent)}", content_type="text/html")


def send(form: Form, *arguments: object, **options: object) -> str:
    """Submit the form to a server that says what it got."""

    async def run() -> str:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", _echo)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            async with Visitor(base, "en") as visitor:
                page = Page(f"{base}/here/", 200, "", [form])
                answer = await visitor.submit(page, form, *arguments, **options)  # type: ignore[arg-type]
                return answer.text
        finally:
            await runner.cleanup()

    return asyncio.run(run())


class TestSending:
    def test_what_is_filled_in_replaces_what_stood_there(self):
        form = the_form('<input name="a" value="1"><input name="b" value="2">', "method=post")
        assert send(form, {"a": "3"}) == "POST b=2 a=3"

    def test_several_values_and_none(self):
        form = the_form('<select name="a" multiple></select><input name="b">', "method=post")
        assert send(form, {"a": ["1", "2"], "b": []}) == "POST a=1 a=2"

    def test_a_field_that_is_not_there(self):
        with pytest.raises(UnexpectedPage, match="No field"):
            send(the_form('<input name="a">', "method=post"), {"z": "1"})

    def test_the_button_and_a_file(self):
        form = the_form('<input name="a" value="1"><input type="file" name="f">', "method=post")
        sent = send(form, button=("go", "x"), upload=("f", "storm.cap", b"<alert/>"))
        assert sent == "POST a=1 go=x f=storm.cap"

    def test_a_form_that_only_asks_sends_its_fields_in_the_address(self):
        form = the_form(
            '<input name="q" value="old"><input name="b" value="2">', 'action="/find/?x=1"'
        )
        assert send(form, {"q": "new"}) == "GET b=2 q=new"
