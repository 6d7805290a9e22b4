"""Forms with files: read as they were written, whatever they hold; nothing else than a refusal for what is none."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.matcher.web.exchange import Refusal
from rempart.matcher.web.forms import read_form

MARK = "----mark"


def written(data: bytes, texts: dict[str, str], name: str = "file") -> bytes:
    parts = [
        f'--{MARK}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode() for key, value in texts.items()
    ]
    head = f'--{MARK}\r\nContent-Disposition: form-data; name="{name}"; filename="a name.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    return b"".join(parts) + head.encode() + data + f"\r\n--{MARK}--\r\n".encode()


@given(data=st.binary(max_size=500), value=st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r"), max_size=50))
def test_what_was_written_is_read(data: bytes, value: str) -> None:
    form = read_form(written(data, {"seed": value}), MARK)
    assert form.files[0].data == data
    assert (form.files[0].field_name, form.files[0].content_type) == ("file", b"image/jpeg")
    assert form.texts == {"seed": value}
    assert "seed" not in repr(form) or value not in repr(form) or not value


@given(
    body=st.binary(max_size=300)
    | st.lists(
        st.sampled_from(
            [b"--x", b"\r\n", b"--", b":", b"Content-Disposition: form-data", b"; name=a", b"; filename=b", b"\r\n\r\n"]
        )
    ).map(b"".join)
)
def test_anything_else_is_refused(body: bytes) -> None:
    with suppress(Refusal):
        read_form(body, "x")


def test_a_form_of_too_many_parts_or_too_long_a_text() -> None:
    assert len(read_form(written(b"", {f"t{n}": "" for n in range(19)}), MARK).texts) == 19
    for texts in ({f"t{n}": "" for n in range(20)}, {"seed": "x" * 10_001}):
        with pytest.raises(Refusal):
            read_form(written(b"", texts), MARK)
