"""Makes valid inputs hostile: bytes, text, tables, XML, JSON and zips. All chance is in ``rng``."""

from __future__ import annotations

import copy
import csv
import io
import json
import random
import re
import struct
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

#: What a careless or hostile hand puts in a cell, an attribute or an argument.
NASTY: tuple[str, ...] = (
    "", " ", "\t", "\n", "\r\n", "\x00", "\x07", "\x1b[31mrood\x1b[0m", "\x7f", "\x85", "\u2028",
    "\u202eklat", "\ufeff", "\ufffe", "\ud800", "\U0010ffff", "e\u0301", "٣", "１２", "ß", "İ", "𝟙",
    "=1+1", "=cmd|' /C calc'!A0", "@SUM(A1)", "+31 70", "-1", "-PT4H", "#REF!", "'=1", "\t=1",
    "../../etc/passwd", "..\\..\\x", "/etc/passwd", "file:///etc/passwd", "C:\\x", "~root", "~",
    ".",
    "javascript:alert(1)", "data:text/html,<script>", "http://127.0.0.1:9/x", "http://[", "urn:",
    "https://w3id.org/vitaal/id/", "https://w3id.org/vitaal/id/a b", "vit:", "vit:Service", "_:b0",
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "</script>", "]]>", "<!--",
    "--",
    "'; DROP TABLE x; --", "\\", "\\u0000", "%00", "%s%n", "{{ 7*7 }}", "${1}", "{0.__class__}",
    "0", "1", "-0", "00", "1e309", "-1e309", "1e-400", "1E400", "NaN", "nan", "inf", "Infinity",
    "9" * 19, "9" * 40, "9" * 5_000, "1" + "0" * 400, "0.1" + "0" * 300, "1_000", "1,5", "1.000,5",
    "0x10", "²", "½", "1/0", "18446744073709551616", "2147483648", "-9223372036854775809",
    "2026-02-30", "0000-00-00", "0000-01-01", "9999-12-31", "10000-01-01", "-0001-01-01",
    "31-12-2026",
    "2026-13-01", "2026-1-1", "20260101", "2026-W01-1", "2026-01-01T25:00:00", "1900-02-29",
    "2026-01-01T00:00:00+99:99", "24:00", "P", "PT", "P0D", "PT0H", "P1Y", "P999999999Y", "P-1D",
    "PT999999999999H", "P1W", "PT1.5H", "PT0.000000001S", "pt4h", "P1M", "PT1H/PT0H", "T1H",
    "a" * 300, "x" * 120_000, "a;b;;c", ";", ";;;", ",", '"', '""', "'", "a,b", "true", "false",
    "TRUE", "1.0", "null", "None", "undefined", "Source", "s1", "grid", "openbaar", "stg-zg",
    "POLYGON((0 0))", "POINT(1e999 2)", "POINT EMPTY", "GEOMETRYCOLLECTION(" * 50, "(" * 3_000,
)  # fmt: skip

NUMBERS: tuple[Any, ...] = (
    0, -1, 1, 2**31, 2**63, 2**64, 10**40, -(10**40), 10**400, 1e308, -1e308, 5e-324, 0.1, -0.0,
    1.5, 1e9, 1e15, 1e16, 1e17, True, False, None,
)  # fmt: skip

_PIECES: tuple[bytes, ...] = (
    b"\x00", b"\xff", b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc0\x80", b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80", b"\r", b"\n", b"\r\n", b"\x1a", b"\x0b", b'"', b"'", b"<", b">", b"&",
    b"\\",
    b"[", b"]", b"{", b"}", b"(", b")", b",", b";", b":", b".", b"=", b"@", b"#", b"^^", b"\\u",
    b"&#0;", b"&#x1F;", b"<![CDATA[", b"<?xml ?>", b"<!DOCTYPE a>", b"PK\x03\x04", b"PK\x01\x02",
    b"1e999", b"NaN", b"-", b"9" * 30,
)  # fmt: skip

_NUMBER = re.compile(rb"\d+(?:\.\d+)?")
_WORD = re.compile(rb"[A-Za-z][\w.-]{2,}")


def nasty(rng: random.Random) -> str:
    """A text that something may stumble over."""
    how = rng.random()
    if how < 0.75:
        return rng.choice(NASTY)
    if how < 0.9:
        return rng.choice(NASTY) + rng.choice(NASTY)
    return "".join(chr(rng.choice(_RANGES)(rng)) for _ in range(rng.randint(1, 12)))


_RANGES: tuple[Callable[[random.Random], int], ...] = (
    lambda rng: rng.randint(0, 0x7F),
    lambda rng: rng.randint(0x80, 0x7FF),
    lambda rng: rng.randint(0x2000, 0x206F),
    lambda rng: rng.randint(0xD7F0, 0xE010),
    lambda rng: rng.randint(0x10000, 0x10FFFF),
)


def encoded(text: str, rng: random.Random) -> bytes:
    """Mostly UTF-8, half characters and all; now and then the wrong way."""
    if rng.random() < 0.92:
        return text.encode("utf-8", "surrogatepass")
    way = rng.choice(("utf-16", "utf-16-le", "utf-32", "cp1252", "utf-8-sig", "utf-7", "cp037"))
    return text.encode(way, "replace")


def broken(data: bytes, rng: random.Random) -> bytes:
    """One to six changes to the bytes: cut, doubled, moved, overwritten, numbers and words too."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6))):
        at = rng.randint(0, len(changed))
        end = min(len(changed), at + rng.choice((1, 1, 2, 8, 40, 400)))
        how = rng.randrange(10)
        if how == 0:
            changed[at:at] = rng.choice(_PIECES)
        elif how == 1:
            changed[at:end] = b""
        elif how == 2:
            changed[at:end] = rng.choice(_PIECES)
        elif how == 3 and at < len(changed):
            changed[at] ^= 1 << rng.randrange(8)
        elif how == 4:
            changed = changed[:at]
        elif how == 5:
            changed[at:at] = changed[at:end] * rng.choice((1, 2, 50, 500))
        elif how == 6:
            changed = _instead(changed, _NUMBER, nasty(rng), rng)
        elif how == 7:
            changed = _instead(changed, _WORD, nasty(rng), rng)
        elif how == 8:
            words = _WORD.findall(bytes(changed)) or [b"x"]
            changed = _instead(changed, _WORD, rng.choice(words).decode("latin-1"), rng)
        else:
            changed[at:at] = nasty(rng).encode("utf-8", "surrogatepass")
    return bytes(changed)


def _instead(
    data: bytearray, pattern: re.Pattern[bytes], text: str, rng: random.Random
) -> bytearray:
    found = list(pattern.finditer(data))
    if not found:
        return data
    one = rng.choice(found)
    return data[: one.start()] + text.encode("utf-8", "surrogatepass") + data[one.end() :]


def table(text: str, columns: Sequence[str], rng: random.Random) -> list[list[str]]:
    """The rows of a table with hostile cells, headings, missing and repeated parts."""
    rows = [list(row) for row in csv.reader(io.StringIO(text))]
    for _ in range(rng.choice((1, 1, 2, 4))):
        how = rng.randrange(9)
        row = rng.choice(rows)
        if how <= 2 and row:
            row[rng.randrange(len(row))] = nasty(rng)
        elif how == 3:
            heading = rng.choice(columns)
            rows[0].append(heading)
            for one in rows[1:]:
                one.append(nasty(rng))
        elif how == 4 and rows[0]:
            rows[0][rng.randrange(len(rows[0]))] = rng.choice((rng.choice(columns), nasty(rng)))
        elif how == 5:
            rows.append(list(rng.choice(rows)))
        elif how == 6 and row:
            del row[rng.randrange(len(row)) :]
        elif how == 7:
            row += [nasty(rng)] * rng.choice((1, 3, 300))
        elif len(row) > 1:
            one, other = rng.randrange(len(row)), rng.randrange(len(row))
            row[one] = row[other]
    return rows


def as_csv(rows: Sequence[Sequence[str]], rng: random.Random) -> bytes:
    """The rows as CSV, in one of the ways that programs write it."""
    out = io.StringIO()
    csv.writer(
        out,
        delimiter=rng.choice(",,,,;\t|"),
        lineterminator=rng.choice(("\n", "\n", "\r\n", "\r")),
        quoting=rng.choice((csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL)),
    ).writerows(rows)
    data = encoded(out.getvalue(), rng)
    return broken(data, rng) if rng.random() < 0.3 else data


def _places(value: Any, found: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Every (holder, key) in a JSON value."""
    if isinstance(value, dict):
        for key, one in value.items():
            found.append((value, key))
            _places(one, found)
    elif isinstance(value, list):
        for at, one in enumerate(value):
            found.append((value, at))
            _places(one, found)
    return found


def json_value(value: Any, keys: Sequence[str], rng: random.Random) -> Any:
    """A copy with one to four values, keys or lists turned into something else."""
    value = copy.deepcopy(value)
    for _ in range(rng.choice((1, 1, 2, 4))):
        places = _places(value, [])
        if not places:
            return _other(None, keys, rng)
        holder, key = rng.choice(places)
        how = rng.randrange(8)
        if how <= 2:
            holder[key] = _other(holder[key], keys, rng)
        elif how == 3:
            del holder[key]
        elif how == 4 and isinstance(holder, dict):
            holder[rng.choice((rng.choice(keys), nasty(rng)))] = holder.pop(key)
        elif how == 5 and isinstance(holder, list):
            holder += [copy.deepcopy(holder[key])] * rng.choice((1, 2, 200))
        elif how == 6:
            other, there = rng.choice(places)
            holder[key] = copy.deepcopy(other[there]) if there in _keys(other) else None
        elif isinstance(holder, dict):
            holder[rng.choice(keys)] = _other(None, keys, rng)
    return value


def _keys(holder: Any) -> Any:
    return holder if isinstance(holder, dict) else range(len(holder))


def _other(old: Any, keys: Sequence[str], rng: random.Random) -> Any:
    how = rng.randrange(8)
    if how <= 2:
        return nasty(rng)
    if how == 3:
        return rng.choice(NUMBERS)
    if how == 4:
        return rng.choice(([], {}, [[]], [None], {"": None}, [[[]]], "", [{}]))
    if how == 5:
        return [old]
    if how == 6:
        return {rng.choice(keys): old}
    deep: Any = old
    for _ in range(rng.choice((5, 150, 400))):
        deep = [deep] if rng.random() < 0.5 else {"a": deep}
    return deep


def as_json(value: Any, rng: random.Random) -> bytes:
    """JSON text, now and then of a kind that is none."""
    text = json.dumps(value, ensure_ascii=rng.random() < 0.3)
    if rng.random() < 0.05:
        text = text.replace("{", '{"@id":1,"@id":2,', 1)
    data = encoded(text, rng)
    return broken(data, rng) if rng.random() < 0.25 else data


_TAG = re.compile(r"<(/?)([\w:.-]+)([^<>]*)>")
_ATTRIBUTE = re.compile(r'([\w:.-]{1,40})="([^"]*)"')

_DOCTYPES: tuple[str, ...] = (
    '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>',
    '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd">',
    '<!DOCTYPE r [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>',
    "<!DOCTYPE r>",
    '<?xml-stylesheet href="http://127.0.0.1:9/x.xsl"?>',
)


def xml(text: str, rng: random.Random) -> bytes:
    """XML with hostile attributes, texts, elements, document types and depth."""
    for _ in range(rng.choice((1, 1, 2, 4))):
        tags = list(_TAG.finditer(text))
        if not tags:
            break
        one = rng.choice(tags)
        how = rng.randrange(9)
        if how <= 1 and (values := list(_ATTRIBUTE.finditer(text))):
            value = rng.choice(values)
            kept = nasty(rng).replace('"', "&quot;").replace("<", "&lt;").replace("&", "&amp;")
            text = text[: value.start(2)] + kept + text[value.end(2) :]
        elif how == 2:
            text = text[: one.end()] + rng.choice(("&x;", "&c;", nasty(rng))) + text[one.end() :]
        elif how == 3:
            text = text[: one.start()] + text[one.end() :]
        elif how == 4:
            other = rng.choice(tags)
            text = text[: one.start()] + other[0] + text[one.end() :]
        elif how == 5:
            least, most = sorted((one.start(), rng.choice(tags).end()))
            text = text[:most] + text[least:most] * rng.choice((1, 3, 100)) + text[most:]
        elif how == 6:
            deep = rng.choice((5, 150, 3_000))
            text = (
                text[: one.end()] + f"<{one[2]}>" * deep + f"</{one[2]}>" * deep + text[one.end() :]
            )
        elif how == 7:
            start = text.find("?>") + 2 if text.startswith("<?xml") else 0
            text = text[:start] + rng.choice(_DOCTYPES) + text[start:]
        else:
            text = text.replace(
                "?>", f' encoding="{rng.choice(("UTF-7", "x", "utf-16", ""))}"?>', 1
            )
    data = encoded(text, rng)
    return broken(data, rng) if rng.random() < 0.3 else data


def zipped(members: dict[str, bytes], rng: random.Random) -> bytes:
    """A zip of these, sometimes with names, sizes or contents that are not what they should be."""
    members = dict(members)
    how = rng.randrange(12)
    if how == 0:
        members[rng.choice(("../../etc/passwd", "/etc/passwd", "C:/x", "a\\..\\b", "", "\x00"))] = (
            b"x"
        )
    elif how == 1:
        members[rng.choice(list(members))] = b" " * rng.choice((11_000_000, 20_000_000))
    elif how == 2:
        members |= {f"{n}.bin": b"" for n in range(2_100)}
    elif how == 3:
        del members[rng.choice(list(members))]
    elif how == 4:
        name = rng.choice(list(members))
        members[name] = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    elif how == 5:
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("x", b"0" * 5_000_000)
        members["nest.zip"] = inner.getvalue()
    out = io.BytesIO()
    ways = (zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_LZMA)
    with zipfile.ZipFile(out, "w", rng.choice(ways)) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name or "x", (2026, 1, 1, 0, 0, 0)), content)
    data = bytearray(out.getvalue())
    if how == 6:
        data = data[: rng.randrange(len(data))]
    elif how == 7:
        at = data.rindex(b"PK\x01\x02")
        data[at + 24 : at + 28] = struct.pack("<I", rng.choice((0, 10, 2**32 - 1)))
    elif how == 8:
        at = data.index(b"PK\x03\x04")
        data[at + 6] |= 1  # says that it is encrypted
        data[data.rindex(b"PK\x01\x02") + 8] |= 1
    return broken(bytes(data), rng) if rng.random() < 0.3 else bytes(data)
