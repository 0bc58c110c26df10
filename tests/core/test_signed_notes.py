"""Notes that a key signs, against the published example of the format, and tree heads in them."""

import pytest

from storefront.core.signed_notes import NoteRefused, Signer, TreeHead, VerifierKey, open_note

NEUMANN = VerifierKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
NEUMANNS_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6"
    "KE6RyyBwJnAM=\n"
)
"""The example that the reference implementation (golang.org/x/mod/sumdb/note) prints."""
OF_THE_SPECIFICATION = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
)
SIGNER = Signer("toko.example/ledger", bytes(range(32)))
HEAD = TreeHead("toko.example/ledger", 3, bytes(32))


def test_the_published_note_holds_by_its_published_key() -> None:
    opened = open_note(NEUMANNS_NOTE, [NEUMANN])
    assert opened.text.endswith("what your problem is.\n")
    assert opened.signed_by == (NEUMANN,)
    assert str(NEUMANN).startswith("PeterNeumann+c74f20a3+")


def test_the_published_note_is_refused_when_a_letter_is_changed() -> None:
    with pytest.raises(NoteRefused, match="PeterNeumann does not hold"):
        open_note(NEUMANNS_NOTE.replace("answer", "anstwer"), [NEUMANN])


def test_the_specifications_checkpoint_is_read_and_written_as_it_stands() -> None:
    head = TreeHead.parse(OF_THE_SPECIFICATION)
    assert (head.origin, head.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert head.text == OF_THE_SPECIFICATION


def test_what_was_signed_is_opened_by_the_key_as_it_is_written() -> None:
    note = SIGNER.sign(HEAD.text)
    key = VerifierKey.parse(f"{SIGNER.key}\n")
    assert key == SIGNER.key
    assert TreeHead.parse(open_note(note, [key]).text) == HEAD
    assert SIGNER.sign(HEAD.text) == note


def test_a_note_that_went_through_a_mail_is_still_the_note() -> None:
    note = SIGNER.sign(HEAD.text).replace("\n", "\r\n")
    assert open_note(f"\r\n{note}\r\n", [SIGNER.key]).text == HEAD.text


def test_a_second_signature_by_somebody_unknown_does_no_harm() -> None:
    note = SIGNER.sign(HEAD.text) + NEUMANNS_NOTE.splitlines(keepends=True)[-1]
    assert open_note(note, [SIGNER.key]).signed_by == (SIGNER.key,)
    with pytest.raises(NoteRefused, match="PeterNeumann does not hold"):
        open_note(note, [SIGNER.key, NEUMANN])


def test_a_key_of_the_same_name_but_another_seed_is_unknown() -> None:
    note = Signer(SIGNER.name, bytes(32)).sign(HEAD.text)
    with pytest.raises(NoteRefused, match="no known key"):
        open_note(note, [SIGNER.key])


@pytest.mark.parametrize(
    "note",
    [
        "",
        "no note at all\n",
        HEAD.text,
        f"{HEAD.text}\nno dash {'A' * 92}\n",
        f"{HEAD.text}\n— name\n",
        f"{HEAD.text}\n— name AAAA\n",
        f"{HEAD.text}\n— name not-base-64!\n",
        f"{HEAD.text}\n—  {'A' * 92}\n",
        SIGNER.sign(HEAD.text).replace("ledger", "led\x00ger"),
        "x" * 200_000,
    ],
)
def test_what_is_no_note_is_refused(note: str) -> None:
    with pytest.raises(NoteRefused):
        open_note(note, [SIGNER.key])


@pytest.mark.parametrize(
    "text",
    ["", "a\n1\n", "a\n01\nAAAA\n", "a\n-1\nAAAA\n", "a\n\nAAAA\n", "a\n1\nAAAA\n", "a\n1\n!\n"],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteRefused):
        TreeHead.parse(text)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "name",
        "name+c74f20a3",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+AhpcIQcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_what_is_no_key_is_refused(written: str) -> None:
    with pytest.raises(NoteRefused):
        VerifierKey.parse(written)


def test_what_cannot_stand_in_a_note_is_not_signed() -> None:
    for text in ("no newline", "a\x07bell\n"):
        with pytest.raises(ValueError, match="cannot stand"):
            SIGNER.sign(text)
    assert "seed" not in repr(SIGNER)
