"""Input that is made to do harm, or was saved the wrong way, is an error and nothing else.

``conftest.py`` turns every connection into a failure.
"""

import io
import os
import time
import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from kg.errors import UsageError
from kg.names import GRAPH, ID, SKOS
from kg.schema import Schema
from kg.sources import Staged, files, guard, stage

Read = Callable[..., Staged]
Places = Callable[[Staged], list[tuple[str, str, int, str]]]

TABLE = "id,label,source\na,Café,s1\nb,Bistro,s1\n"
RDF_XML = """<?xml version="1.0"?>{doctype}
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns:vit="https://w3id.org/vitaal/def#" xmlns:dcterms="http://purl.org/dc/terms/">
  <vit:Service rdf:about="https://w3id.org/vitaal/id/x">
    <dcterms:source rdf:resource="https://w3id.org/vitaal/id/s1"/>{body}
  </vit:Service>
</rdf:RDF>
"""


class TestEncodings:
    """Every wrong encoding is named, with what to do."""

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
    @pytest.mark.parametrize("name", ["Service.csv", "data.ttl", "data.jsonld"])
    def test_wide(self, read: Read, places: Places, encoding: str, name: str) -> None:
        text = {"csv": TABLE, "ttl": "# leeg\n" * 9, "jsonld": '{"@id": "x"}'}[name.split(".")[1]]
        staged = read({name: text.encode(encoding)})
        assert places(staged) == [("encoding", name, 0, "")]
        assert ("UTF-32" if "32" in encoding else "UTF-16") in staged.problems[0].nl
        assert "UTF-8" in staged.problems[0].nl

    def test_the_rest_of_a_wide_file_is_checked_too(self, read: Read, places: Places) -> None:
        table = "id,label,restartLag,source\na,Één,1 uur,s1\nb,B,,s1\n"
        needs = "id,requiredBy,fulfilledBy,source\nr1,b,nergens,s1\nr2,b,b,s1\n"
        files = {"Service.csv": table.encode("utf-16"), "Requirement.csv": needs}
        assert places(read(files)) == [
            ("unknown-reference", "Requirement.csv", 2, "fulfilledBy"),
            ("encoding", "Service.csv", 0, ""),
            ("duration", "Service.csv", 2, "restartLag"),
        ]
        kept = read(files, skip_invalid=True)
        assert not any("Service" in one.iri or "Requirement" in one.iri for one in kept.graphs)

    def test_windows_1252_in_a_table(self, read: Read, places: Places) -> None:
        staged = read({"Service.csv": TABLE.encode("cp1252")})
        assert places(staged) == [("encoding", "Service.csv", 2, "label")]
        assert "Windows-1252" in staged.problems[0].nl
        assert "'Café'" in staged.problems[0].nl

    def test_windows_1252_costs_only_the_rows_that_have_it(self, read: Read) -> None:
        staged = read({"Service.csv": TABLE.encode("cp1252")}, skip_invalid=True)
        graph = next(one for one in staged.graphs if one.iri == f"{GRAPH}data/Service.csv")
        assert graph.subjects == 1
        assert f"<{ID}b>".encode() in graph.ntriples
        assert [problem.code for problem in staged.left_out] == ["intake.encoding"]

    @pytest.mark.parametrize("name", ["x.ttl", "x.nt", "x.rdf", "x.jsonld"])
    def test_windows_1252_in_rdf(self, read: Read, places: Places, name: str) -> None:
        staged = read({name: '\n<a> <b> "é" .'.encode("cp1252")})
        assert places(staged) == [("encoding", name, 2, "")]
        assert "Windows-1252" in staged.problems[0].nl

    @pytest.mark.parametrize("name", ["Service.csv", "x.ttl"])
    def test_a_byte_order_mark_is_fine(self, read: Read, name: str) -> None:
        turtle = (
            "@prefix vit: <https://w3id.org/vitaal/def#> . "
            "<x> a vit:Service ; <http://purl.org/dc/terms/source> <s1> ."
        )
        text = TABLE if name.endswith("csv") else turtle
        staged = read({name: b"\xef\xbb\xbf" + text.encode()})
        assert staged.problems == ()
        assert any(one.iri == f"{GRAPH}data/{name}" for one in staged.graphs)

    @pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\ufffe"])
    def test_control_characters(self, read: Read, places: Places, character: str) -> None:
        staged = read({"Service.csv": f"id,label,source\na,A,s1\nb,x{character}y,s1\n"})
        assert places(staged) == [("control-character", "Service.csv", 3, "label")]
        assert f"U+{ord(character):04X}" in staged.problems[0].nl

    def test_lone_surrogates(self, read: Read, places: Places) -> None:
        text = "id,label,source\na,x\ud800y,s1\n".encode("utf-8", "surrogatepass")
        assert places(read({"Service.csv": text})) == [("encoding", "Service.csv", 2, "label")]
        rdf = '<https://w3id.org/vitaal/id/x> <http://purl.org/dc/terms/title> "\\uD800" .'
        assert places(read({"Service.csv": TABLE, "x.nt": rdf}))[0][0] == "syntax"

    def test_nul_in_an_id(self, read: Read, places: Places) -> None:
        staged = read({"Service.csv": "id,label,source\na\x00b,A,s1\n"})
        assert places(staged) == [("control-character", "Service.csv", 2, "id")]


class TestSizes:
    """What is too large is said; it is not read on for ever."""

    @pytest.mark.parametrize("column", [0, 1, 2])
    def test_a_cell_of_ten_megabytes(self, read: Read, places: Places, column: int) -> None:
        cells = ["a", "A", "s1"]
        cells[column] = '"' + "x" * 5_000_000 + "\n" + "y" * 5_000_000 + '"'
        staged = read({"Service.csv": f"id,label,source\n{','.join(cells)}\nb,1 uur,s9\n"})
        code = "id" if column == 0 else "cell-too-long"
        name = ("id", "label", "source")[column]
        assert places(staged) == [
            (code, "Service.csv", 2, name),
            ("unknown-source", "Service.csv", 3, "source"),
        ]
        assert all(len(problem.nl) < 1_000 for problem in staged.problems)

    def test_a_file_that_is_too_large(
        self, read: Read, places: Places, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(files, "MAX_FILE", 1_000)
        staged = read({"Service.csv": TABLE + "c,C,s1\n" * 500})
        assert places(staged) == [("too-large", "Service.csv", 0, "")]

    def test_a_table_of_too_many_columns(self, read: Read, places: Places) -> None:
        header = ",".join(f"kolom{n}" for n in range(100_000))
        staged = read({"Service.csv": f"id,label,source,{header}\n"})
        assert places(staged) == [("too-many-columns", "Service.csv", 1, "")]

    @pytest.mark.parametrize("kind", ["csv", "ttl"])
    def test_a_name_of_ten_megabytes_gets_no_suggestion_of_as_long(
        self, read: Read, kind: str
    ) -> None:
        name = "x" * 10_000_000
        given = {"csv": ("Service.csv", f"id,label,source,{name}\na,A,s1,1\n")}
        given["ttl"] = ("x.ttl", f"<a> <https://w3id.org/vitaal/def#{name}> 1 .\n")
        started = time.process_time()
        staged = read(dict([given[kind]]))
        assert staged.problems
        assert time.process_time() - started < 10  # it took minutes
        assert all(len(problem.nl) < 1_000 for problem in staged.problems)

    def test_json_that_is_too_large(
        self, read: Read, places: Places, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(guard, "MAX_JSON", 10)
        assert places(read({"x.jsonld": '{"@id":"https://x/"}'})) == [
            ("too-large", "x.jsonld", 0, "")
        ]

    @pytest.mark.parametrize("content", ["\n" * 300_000, " " * 3_000_000, "a:b\n" * 300_000])
    def test_the_search_for_lines_is_linear(self, read: Read, content: str) -> None:
        read({"x.ttl": f"# leeg\n{content}"})

    def test_the_same_mistake_many_times(self, read: Read) -> None:
        turtle = "".join(
            f"<a{n}> <https://w3id.org/vitaal/def#bufer{n % 7}> 1 .\n" for n in range(20_000)
        )
        table = "id,label,effect,source\n" + "".join(f"b{n},B,fals,s1\n" for n in range(20_000))
        staged = read({"x.ttl": turtle, "Requirement.csv": table})
        assert len(staged.problems) == 4 * 20_000

    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("deep.jsonld", '{"http://p":' * 20_000 + "1" + "}" * 20_000),
            ("deep.jsonld", '{"http://p":' * 300 + "1" + "}" * 300),
            ("deep.rdf", "<a>" * 20_000 + "</a>" * 20_000),
        ],
    )
    def test_deep_nesting(self, read: Read, places: Places, name: str, content: str) -> None:
        assert places(read({name: content})) == [("too-deep", name, 0, "")]

    def test_deep_nesting_in_turtle_ends(self, read: Read) -> None:
        deep = "<http://p/> <http://q/> " + "[ <http://q/> " * 20_000 + "1" + "]" * 20_000 + " ."
        assert read({"deep.ttl": deep}).problems


class TestXml:
    """No document type gets as far as a parser."""

    LAUGHS = (
        '<!DOCTYPE lolz [<!ENTITY a "ha">'
        + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in pairwise("abcdefghi"))
        + "]>"
    )  # fmt: skip

    @pytest.mark.parametrize(
        ("doctype", "body"),
        [
            (LAUGHS, "<vit:note>&i;</vit:note>"),
            ('<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "<vit:note>&x;</vit:note>"),
            ('<!DOCTYPE r SYSTEM "http://127.0.0.1:9/x.dtd">', ""),
            ('<!DOCTYPE r [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>', ""),
        ],
    )
    def test_entities(self, read: Read, places: Places, doctype: str, body: str) -> None:
        staged = read({"x.rdf": RDF_XML.format(doctype=doctype, body=body)})
        assert places(staged) == [("xml-doctype", "x.rdf", 1, "")]

    def test_another_encoding_in_the_declaration(self, read: Read, places: Places) -> None:
        text = RDF_XML.format(doctype="", body="").replace("?>", ' encoding="UTF-7"?>', 1)
        assert places(read({"x.rdf": text})) == [("encoding", "x.rdf", 0, "")]

    @pytest.mark.parametrize("encoding", ["x", "UTF-7", "utf_16"])
    def test_another_encoding_far_on_in_the_declaration(
        self, read: Read, places: Places, encoding: str
    ) -> None:
        text = f'<?xml version="{"1" * 300}" encoding="{encoding}"?><a/>'
        ((code, *_),) = places(read({"x.rdf": text}))
        assert code in ("encoding", "syntax")

    def test_broken(self, read: Read, places: Places) -> None:
        assert places(read({"x.rdf": "<a>\n<b></a>"})) == [("syntax", "x.rdf", 2, "")]

    def test_plain(self, read: Read) -> None:
        staged = read({"x.rdf": RDF_XML.format(doctype="", body="")})
        assert staged.problems == ()
        graph = next(one for one in staged.graphs if one.iri == f"{GRAPH}data/x.rdf")
        assert b"x.rdf#row=4>" in graph.ntriples


class TestJsonLd:
    """Contexts stand in the file itself."""

    REMOTE = "http://127.0.0.1:9/context.jsonld"

    @pytest.mark.parametrize(
        "document",
        [
            f'{{"@context":"{REMOTE}","@id":"x"}}',
            f'{{"@context":[{{}},"{REMOTE}"],"@id":"x"}}',
            f'{{"@context":{{"@import":"{REMOTE}"}},"@id":"x"}}',
            f'{{"@context":{{"p":{{"@id":"http://p","@context":"{REMOTE}"}}}},"@id":"x"}}',
            f'{{"@id":"x","http://p":{{"@context":"{REMOTE}","@id":"y"}}}}',
            f'[{{"@graph":[{{"@context":["{REMOTE}"]}}]}}]',
            f'{{"\\u0040context":"{REMOTE}","@id":"x"}}',
        ],
    )
    def test_remote_contexts(self, read: Read, places: Places, document: str) -> None:
        staged = read({"x.jsonld": document})
        assert places(staged) == [("remote-context", "x.jsonld", 0, "")]

    @pytest.mark.parametrize(
        ("document", "code", "row"),
        [
            ('{"@context":{},"@context":{}}', "json-duplicate-key", 0),
            ('{"a":\n}', "syntax", 2),
            ('{"@id":"x","http://p":NaN}', "syntax", 0),
            ('{"@id":"x","bufer":"PT1H"}', "json-unknown-key", 0),
            ("not json", "syntax", 1),
            ("", "syntax", 1),
        ],
    )
    def test_json_that_cannot_be_used(
        self, read: Read, places: Places, document: str, code: str, row: int
    ) -> None:
        assert places(read({"x.jsonld": document})) == [(code, "x.jsonld", row, "")]


def workbook(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip with these members, the same bytes whenever it is made."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members.items():
            member = zipfile.ZipInfo(name)  # of 1980
            member.compress_type = method
            archive.writestr(member, content)
    return out.getvalue()


class TestZip:
    """A workbook is looked at before it is opened."""

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (workbook({"xl/sheet.bin": bytes(60_000_000)}), "zip-bomb"),
            (workbook({f"{n}.bin": b"" for n in range(3_000)}), "zip-bomb"),
            (workbook({"../../etc/passwd": b"x"}), "zip-name"),
            (workbook({"xl\\..\\..\\x": b"x"}), "zip-name"),
            (workbook({"/etc/passwd": b"x"}), "zip-name"),
            (workbook({"C:/x": b"x"}), "zip-name"),
            (workbook({"xl/workbook.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a/>'}), "xml-doctype"),
            (workbook({"xl/a.xml": b" " * (1 << 20) + b"<!DOCTYPE a>"}), "xml-doctype"),
            (workbook({"xl/a.xml": "<a/>".encode("utf-16")}), "encoding"),
            (workbook({"xl/a.bin": b"<!DOCTYPE a>"}), "xml-doctype"),
            (workbook({"xl/a.bin": "<!DOCTYPE a>".encode("utf-16")}), "xml-doctype"),
            (workbook({"hello.txt": b"x"}), "workbook-format"),
            (workbook({"xl/a.xml": b"x" * 50})[:-30], "workbook-format"),
            (b"PK\x03\x04 not a zip", "workbook-format"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old excel", "workbook-format"),
            (b"", "workbook-format"),
        ],
    )
    def test_refused(self, read: Read, places: Places, content: bytes, code: str) -> None:
        staged = read({"book.xlsx": content})
        assert [one[:2] for one in places(staged)] == [(code, "book.xlsx")]

    def test_a_member_that_lies_about_its_size(self, read: Read, places: Places) -> None:
        content = bytearray(workbook({"xl/a.xml": b"<a/>" * 1_000}))
        central = content.rindex(b"PK\x01\x02")
        content[central + 24 : central + 28] = (10).to_bytes(4, "little")
        assert [one[0] for one in places(read({"book.xlsx": bytes(content)}))] == [
            "workbook-format"
        ]

    def test_the_limit_is_on_what_comes_out(
        self, read: Read, places: Places, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(guard, "MAX_UNPACKED", 1_000)
        content = workbook({"xl/a.bin": os.urandom(2_000)})
        assert places(read({"book.xlsx": content})) == [("zip-bomb", "book.xlsx", 0, "")]


class TestFolders:
    """Only plain files inside the folder are read."""

    def test_links_that_lead_out(self, read: Read, places: Places, tmp_path: Path) -> None:
        secret = tmp_path / "elsewhere"
        secret.mkdir()
        (secret / "Service.csv").write_text(TABLE, encoding="utf-8")
        data = tmp_path / "data"
        data.mkdir()
        (data / "Service.csv").symlink_to(secret / "Service.csv")
        (data / "more").symlink_to(secret, target_is_directory=True)
        (data / "loop").symlink_to(data, target_is_directory=True)
        staged = read({})
        assert places(staged) == [
            ("link", "Service.csv", 0, ""),
            ("link", "loop", 0, ""),
            ("link", "more", 0, ""),
        ]
        assert not any("Service" in graph.iri for graph in staged.graphs)

    def test_a_link_within_the_folder_is_a_file(self, read: Read, tmp_path: Path) -> None:
        data = tmp_path / "data"
        (data / "sub").mkdir(parents=True)
        (data / "sub" / "rows.txt").write_text(TABLE, encoding="utf-8")
        (data / "Service.csv").symlink_to(data / "sub" / "rows.txt")
        staged = read({})
        assert staged.problems == ()
        assert any(graph.iri.endswith("data/Service.csv") for graph in staged.graphs)

    def test_a_pipe_does_not_block(self, read: Read, places: Places, tmp_path: Path) -> None:
        (tmp_path / "data").mkdir()
        os.mkfifo(tmp_path / "data" / "Service.csv")
        assert places(read({})) == [("not-a-file", "Service.csv", 0, "")]

    def test_a_folder_with_the_name_of_a_table(
        self, read: Read, places: Places, tmp_path: Path
    ) -> None:
        (tmp_path / "data" / "Service.csv").mkdir(parents=True)
        assert read({}).problems == ()

    def test_kinds_of_files(self, read: Read, places: Places) -> None:
        staged = read(
            {
                "README.md": "x",
                ".hidden.csv": "x",
                ".git/config.csv": "x",
                "~$Service.xlsx": "x",
                "picture.png": b"\x89PNG",
                "old.xls": b"x",
                "table.ods": b"x",
                "sub/Service.csv": TABLE,
            }
        )
        assert places(staged) == [
            ("file-type", "old.xls", 0, ""),
            ("file-type", "table.ods", 0, ""),
        ]
        assert [(one.location.file, one.code, one.severity) for one in staged.left_out] == [
            ("data/picture.png", "intake.ignored", "info")
        ]
        assert any(graph.iri == f"{GRAPH}data/sub/Service.csv" for graph in staged.graphs)

    def test_names_that_no_iri_can_hold(self, read: Read, places: Places) -> None:
        turtle = "<https://w3id.org/vitaal/id/x{}> a <https://w3id.org/vitaal/def#Service> ; \
            <http://purl.org/dc/terms/source> <s1> ."
        names = ["a b.ttl", "a#b?.ttl", "a<b>.ttl", "é~x.ttl", "50%.ttl"]
        staged = read({name: turtle.format(n) for n, name in enumerate(names)})
        assert staged.problems == ()
        assert {graph.iri.rpartition("/")[2] for graph in staged.graphs} >= {
            "a%20b.ttl",
            "a%23b%3F.ttl",
            "a%3Cb%3E.ttl",
            "%C3%A9%7Ex.ttl",
            "50%25.ttl",
        }

    def test_a_name_with_a_line_end(self, read: Read, places: Places) -> None:
        found = places(read({"a\nb.ttl": ""}))
        assert [one[0] for one in found] == ["file-name"]

    def test_a_name_that_is_not_unicode(self, read: Read, places: Places, tmp_path: Path) -> None:
        (tmp_path / "data").mkdir()
        path = os.fsencode(tmp_path / "data") + b"/\xff.ttl"
        with open(path, "wb"):
            pass
        found = places(read({}))
        assert [one[0] for one in found] == ["file-name"]
        assert found[0][1].encode()

    def test_an_unreadable_file(
        self, read: Read, places: Places, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = Path.open

        def refuse(path: Path, *args: object, **more: object) -> object:
            if path.name == "Service.csv" and args == ("rb",):
                raise PermissionError(13, "Permission denied")
            return real(path, *args, **more)  # type: ignore[call-overload]

        monkeypatch.setattr(Path, "open", refuse)
        assert places(read({"Service.csv": TABLE}))[0] == ("unreadable", "Service.csv", 0, "")

    def test_a_file_that_grows_meanwhile(
        self, read: Read, places: Places, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        real = Path.stat

        def smaller(path: Path, **more: bool) -> os.stat_result:
            found = real(path, **more)
            if path.name != "Service.csv":
                return found
            return os.stat_result((*found[:6], found.st_size - 5, *found[7:10]))

        monkeypatch.setattr(Path, "stat", smaller)
        assert places(read({"Service.csv": TABLE}))[0] == ("changed", "Service.csv", 0, "")

    def test_a_path_that_does_not_exist(self, schema: Schema, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="no-such-path"):
            stage([tmp_path / "nergens"], schema)

    def test_a_named_file_that_is_not_read(self, schema: Schema, tmp_path: Path) -> None:
        (tmp_path / "LEESMIJ.md").write_text("tekst", encoding="utf-8")
        with pytest.raises(UsageError, match="file-type"):
            stage([tmp_path / "LEESMIJ.md"], schema)
        assert stage([tmp_path], schema).problems == ()  # beside data it does no harm

    def test_two_folders_of_the_same_name(self, schema: Schema, tmp_path: Path) -> None:
        for one in ("a", "b"):
            folder = tmp_path / one / "data"
            folder.mkdir(parents=True)
            (folder / "Source.csv").write_text(f"id,title,marking\n{one},T,m\n", encoding="utf-8")
        (tmp_path / "a" / "data" / "Marking.csv").write_text(
            "id,label,rank,source\nm,M,0,a\n", encoding="utf-8"
        )
        staged = stage([tmp_path / "a" / "data", tmp_path / "b" / "data"], schema)
        assert staged.problems == ()
        assert [graph.iri.removeprefix(GRAPH) for graph in staged.graphs] == [
            "data-2/Source.csv",
            "data/Marking.csv",
            "data/Source.csv",
        ]

    def test_a_single_file(self, schema: Schema, tmp_path: Path) -> None:
        path = tmp_path / "Service.csv"
        path.write_text(TABLE, encoding="utf-8")
        staged = stage([path], schema)
        assert {problem.location.file for problem in staged.problems} == {"Service.csv"}
        assert {problem.code for problem in staged.problems} == {"intake.unknown-source"}


def test_quotes_in_text_stay_text(read: Read) -> None:
    staged = read({"Service.csv": 'id,label,source\na,"x"" . <http://evil> <p> ""y\\",s1\n'})
    graph = next(one for one in staged.graphs if one.iri == f"{GRAPH}data/Service.csv")
    label = f'<{ID}a> <{SKOS}prefLabel> "x\\" . <http://evil> <p> \\"y\\\\"@nl .'
    assert label.encode() in graph.ntriples.splitlines()
