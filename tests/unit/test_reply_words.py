"""What a text means that somebody sends back: in four languages, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crises.enums import Choice
from crises.replies import Reading, Trouble, read_reply
from notifications.links import REPLY_ALPHABET

SAFE, HELP, LEFT = Choice.SAFE, Choice.NEED_HELP, Choice.LEFT
codes = st.text(sorted(REPLY_ALPHABET), min_size=4, max_size=4)


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("1", SAFE),
        ("2", HELP),
        ("3", LEFT),
        ("١", SAFE),
        ("٢", HELP),
        ("۳", LEFT),
        ("１", SAFE),
        (" 1. ", SAFE),
        ("Safe!", SAFE),
        ("I am safe, thank you", SAFE),
        ("I’m safe", SAFE),
        ("estoy bien gracias", SAFE),
        ("A SALVO", SAFE),
        ("je suis sauf", SAFE),
        ("سالم", SAFE),
        ("أنا بخير", SAFE),
        ("سَالِم", SAFE),
        ("ok 1", SAFE),
        ("HELP", HELP),
        ("2 help", HELP),
        ("AYUDA", HELP),
        ("¡Ayúdenme!", HELP),
        ("à l'AIDE", HELP),
        ("j'ai besoin d'aide", HELP),
        ("مساعدة", HELP),
        ("النجدة", HELP),
        ("left", LEFT),
        ("I have left", LEFT),
        ("Salí", LEFT),
        ("Parti(e)", LEFT),
        ("غادرت", LEFT),
    ],
)
def test_each_word_is_understood(text, choice):
    assert read_reply(text).choice == choice


@pytest.mark.parametrize("text", ["STOP", "Baja", "arrêt", "ARRETER", "توقف", "stop please"])
def test_a_wish_for_no_more_is_no_answer(text):
    found = read_reply(text)
    assert (found.stops, found.choice, found.trouble) == (True, None, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "?!",
        "ok",
        "K7QM",
        "I am not safe",
        "no estoy bien",
        "je ne suis pas parti",
        "لست بخير",
        "I do not need help",
        "no necesito ayuda",
        "4",
        "12",
        "1234",
        "who is this",
        "trapped, 2 people",
        "Are we safe here",
        "my brother is safe",
        "stop sending 1",
    ],
)
def test_what_is_not_wholly_understood_marks_nobody(text):
    found = read_reply(text)
    assert (found.choice, found.stops, found.trouble) == (None, False, Trouble.NOT_UNDERSTOOD)


@pytest.mark.parametrize(
    "text", ["safe help", "1 2", "help 3", "STOP 1", "1 K7QM R8WT", "left safe", "سالم مساعدة"]
)
def test_what_says_two_things_marks_nobody(text):
    found = read_reply(text)
    assert (found.choice, found.stops, found.trouble) == (None, False, Trouble.CONTRADICTION)


@pytest.mark.parametrize(
    "text", ["Help we are trapped on the roof", "AYUDA habitacion 3 hotel Sol", "2 mi hijo"]
)
def test_a_call_for_help_is_believed_and_its_words_are_kept(text):
    found = read_reply(text)
    assert (found.choice, found.has_note) == (HELP, True)


@pytest.mark.parametrize(
    ("text", "choice", "code"),
    [
        ("1 K7QM", SAFE, "K7QM"),
        ("k7qm safe", SAFE, "K7QM"),
        ("1K7QM", SAFE, "K7QM"),
        ("k7qm1", SAFE, "K7QM"),
        ("2,K7QM.", HELP, "K7QM"),
        ("K7QM سالم", SAFE, "K7QM"),
        ("٣ K7QM", LEFT, "K7QM"),
        ("1 3467", SAFE, "3467"),
        ("K7QM ayuda estoy en el hotel", HELP, "K7QM"),
    ],
)
def test_the_code_stands_before_or_after(text, choice, code):
    assert read_reply(text) == Reading(
        choice, code=code, has_note="hotel" in text, is_urgent=choice == HELP
    )


@given(code=codes, word=st.sampled_from(["1", "2", "3", "safe", "AYUDA", "parti", "سالم"]))
def test_the_order_of_code_and_word_says_nothing(code, word):
    before, after = read_reply(f"{code} {word}"), read_reply(f"{word}\n{code}")
    assert before == after
    assert (before.code, before.trouble) == (code, None)


@given(st.text(max_size=2000))
def test_no_text_breaks_it(text):
    found = read_reply(text)
    assert (found.choice is not None or found.stops) == (found.trouble is None)
    assert found.code == "" or set(found.code) <= REPLY_ALPHABET


@given(st.sampled_from(["not", "no", "ne", "pas", "لا"]), st.sampled_from(["safe", "bien", "سالم"]))
def test_who_denies_is_never_marked_safe(denial, word):
    assert read_reply(f"{denial} {word}").choice is None


@pytest.mark.parametrize(
    "text",
    """I am safe but need help|no estoy a salvo|not safe|unsafe|never safe|casi a salvo|1 no|n1
    I'm not well|safe for now|safe but|pas sauf|je suis sauf mais blessé|sauf que|غير آمن|مش بخير
    لستُ بخير|أنا بخير ولكن أحتاج مساعدة|a salvo pero herido|estoy bien pero mi hija no
    safe?|am I safe?|am I safe|are we safe|are you safe|1?|¿a salvo?|سالم؟|1❓|sommes-nous sauf
    I need safe|necesito 1|j'ai besoin 1|well I need|thank you I need safe|أحتاج ١
    we are 1|nous sommes 3|نحن 3|I have 1|somos 3|we are left|I am left|left behind
    fine|well|bien|Seguro|y bien|آمنة
    safe 🆘|1 🆘|safe ❌|🚫 safe|safe 👎|1 💔|≠safe|¬1|safe 🤕|1 / 2|1 ٢|½
    \u200bno\u200bt safe""".replace("\n", "|").split("|"),
)
def test_who_may_need_help_is_never_marked_safe_or_gone(text):
    assert read_reply(text).choice not in {SAFE, LEFT}


@pytest.mark.parametrize(
    "text", ["safe 👍🏽", "١ 🙏", "1️⃣", "سالم ❤️", "SAFE ✅", "estoy bien, gracias"]
)
def test_a_friendly_sign_takes_nothing_away(text):
    assert read_reply(text).choice == SAFE


@pytest.mark.parametrize("text", ["🆘", "sos 🆘", "help?", "2 ❌", "somos 2 AYUDA"])
def test_no_sign_silences_a_call_for_help(text):
    assert read_reply(text).choice == HELP


def test_the_end_of_a_long_text_may_say_something_else():
    assert read_reply("safe" + " " * 20 + "\n").choice == SAFE
    assert read_reply("safe" + "." * 1000 + " but need help").choice is None
    assert read_reply("help" + "." * 1000 + " us").choice == HELP


@pytest.mark.parametrize(
    "text",
    [
        "trapped",
        "AYUDAAA",
        "estoy herida",
        "blessés",
        "محاصرون",
        "المصابين هنا",
        "safe but help",
        "2?",
    ],
)
def test_what_may_be_a_call_is_read_first(text):
    assert read_reply(text).is_urgent
    assert not read_reply("who is this").is_urgent
