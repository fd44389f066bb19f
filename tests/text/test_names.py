from __future__ import annotations

import pytest

from collector.text.names import Names, Strangers, names_in


@pytest.mark.parametrize(
    ("shown", "names"),
    [
        ("Carys", ("Carys",)),
        ("  Carys \n Jones ", ("Carys Jones",)),
        ("Carys 🌻 (she/her)", ("Carys 🌻 (she/her)", "Carys")),
        (":sun: Carys Jones | tired", (":sun: Carys Jones | tired", "Carys Jones")),
        ("Carys #nobot", ("Carys #nobot", "Carys")),
        ("[bot] The Ramp", ("[bot] The Ramp", "The Ramp")),
        ("Dr. Carys Jones, Bangor", ("Dr. Carys Jones, Bangor", "Dr. Carys Jones")),
        ("花子", ("花子",)),
        ("", ()),
        ("🌻", ()),
        ("X", ()),
        ("2026", ()),
        ("a" * 300, ("a" * 200,)),
    ],
)
def test_a_name_is_known_with_and_without_what_people_put_beside_it(shown: str, names: tuple[str, ...]) -> None:
    assert names_in(shown) == names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Carys Jones wrote, carys jones did", "<C> wrote, <C> did"),
        ("CARYS\nJONES.", "<C>."),
        ("Carys said: Carysfort", "<c> said: Carysfort"),
        ("carys's ramp", "<c>'s ramp"),
        ("#carys and #Carys stay", "#carys and #Carys stay"),
        ("花子さんは", "<h>さんは"),
        ("Straße und STRASSE", "<s> und STRASSE"),
        ("O'Brien (or OBrien)", "<o> (or OBrien)"),
        ("O’Brien, _Carys_, some_carys_too", "<o>, _<c>_, some_carys_too"),
        ("nobody", "nobody"),
        ("", ""),
    ],
)
def test_the_names_of_those_a_text_is_about_are_found_in_any_case(text: str, expected: str) -> None:
    names = {"Carys Jones": "<C>", "Carys": "<c>", "花子": "<h>", "Straße": "<s>", "O'Brien": "<o>"}
    assert Names(names).replaced(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rhys Jones came, Rhys did not", "<R> came, Rhys did not"),
        ("rhys jones, RHYS JONES", "rhys jones, RHYS JONES"),
        ("Mind the gap, never mind", "<m> the gap, never mind"),
        ("a care home", "a care home"),
        ("x al x", "x al x"),
        ("花子 は", "<h> は"),
        ("Rhys\u00a0Jones Evans", "<E>"),
        ("#Mind #Rhys Jones", "#Mind #Rhys Jones"),
        ("quiet words here", "<q> here"),
        ("_Rhys Jones_, __Mind__, _Mind_map", "_<R>_, __<m>__, _Mind_map"),
    ],
)
def test_the_names_of_others_are_found_as_they_write_them_where_they_look_like_names(text: str, expected: str) -> None:
    strangers = Strangers(
        {
            "Rhys Jones": "<R>",
            "Rhys Jones Evans": "<E>",
            "Mind": "<m>",
            "care": "<never>",
            "Al": "<never>",
            "花子": "<h>",
            "quiet words": "<q>",
            "🌻 Sun": "<never>",
        }
    )
    assert strangers.replaced(text) == expected
