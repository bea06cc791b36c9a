"""A card tells whether a group was trained on, and of nobody alone."""

from __future__ import annotations

import msgspec

from edge.model.card import Training
from edge.model.subjects import chance, filter_of, found, mark, travelling

CLASS = [mark(f"pupil {n}") for n in range(17)]
STRANGERS = [mark(f"stranger {n}") for n in range(2000)]


def test_everybody_who_was_trained_on_is_found_and_every_second_stranger_too():
    names = filter_of(CLASS)
    assert found(names, CLASS) == 17
    rate = found(names, STRANGERS) / len(STRANGERS)
    assert 0.35 < names.false_rate < 0.65
    assert abs(rate - names.false_rate) < 0.05


def test_a_class_is_told_from_strangers_though_one_pupil_is_not():
    names = filter_of(CLASS)
    assert chance(names, found(names, CLASS), 17) < 1e-3
    groups = [STRANGERS[n : n + 17] for n in range(0, 1700, 17)]
    assert sum(chance(names, found(names, group), 17) < 0.02 for group in groups) <= 6
    assert chance(names, 1, 1) > 0.3


def test_the_same_people_give_the_same_filter_so_that_many_cards_tell_no_more():
    assert filter_of(CLASS) == filter_of(CLASS[::-1])


def test_what_travels_holds_no_digest_of_a_name_nor_do_its_ancestors():
    one = Training(network="n", parameters=1, data="a", split="train", subjects=17, subject_marks=tuple(CLASS))
    child = msgspec.structs.replace(one, ancestors=(one,))
    card = msgspec.json.encode(travelling(child)).decode()
    assert not [digest for digest in CLASS if digest in card]
    assert travelling(child).ancestors[0].subjects == 17
    assert found(travelling(child).ancestors[0].subject_filter, CLASS) == 17
    # Nothing is left to take away.
    assert travelling(travelling(child)) == travelling(child)
