"""Signed lines: whatever is done to a log breaks the chain at that line, but what is left out at its end."""

from random import Random

from drilllib.core.practice.signed import first_broken, mac_of, parted, with_mac

KEY, OTHER = b"k" * 32, b"o" * 32
TEXTS = [f'{{"n": {number}, "action": "look"}}' for number in range(8)]


def chain(texts: list[str], key: bytes = KEY) -> list[bytes]:
    lines, before = list[bytes](), ""
    for text in texts:
        before = mac_of(key, before, text.encode())
        lines.append(f"{with_mac(text, before)}\n".encode())
    return lines


def test_lines_as_they_were_signed_are_whole() -> None:
    lines = chain(TEXTS)
    assert first_broken(KEY, lines) is None
    assert [parted(line)[0].decode() for line in lines] == TEXTS
    assert first_broken(KEY, lines[:3]) is None  # an attempt that went no further


def test_another_key_signs_nothing_of_it() -> None:
    assert first_broken(OTHER, chain(TEXTS)) == 0
    assert first_broken(OTHER, [*chain(TEXTS[:3], OTHER), *chain(TEXTS)[3:]]) == 3


def test_any_changed_bit_is_found_at_its_line() -> None:
    """Of 400 random bits; the newline behind a line is not part of it."""
    random, lines = Random(22), chain(TEXTS)
    for _ in range(400):
        place = random.randrange(len(lines))
        changed = bytearray(lines[place])
        changed[random.randrange(len(changed) - 1)] ^= 1 << random.randrange(8)
        assert first_broken(KEY, [*lines[:place], bytes(changed), *lines[place + 1 :]]) == place


def test_lines_that_are_missing_moved_or_repeated_are_found() -> None:
    lines = chain(TEXTS)
    for place in range(len(lines) - 1):
        assert first_broken(KEY, lines[:place] + lines[place + 1 :]) == place
        assert first_broken(KEY, [*lines[:place], lines[place + 1], lines[place], *lines[place + 2 :]]) == place
        assert first_broken(KEY, [*lines[: place + 1], *lines[place:]]) == place + 1


def test_a_line_without_a_signature_is_found() -> None:
    assert first_broken(KEY, [*chain(TEXTS), b'{"n": 8, "action": "finish"}\n']) == 8
    assert first_broken(KEY, [b'{"n": 8, "action": "finish", "mac": "x"}\n']) == 0
