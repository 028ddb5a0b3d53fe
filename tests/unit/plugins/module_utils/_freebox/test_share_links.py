# Copyright (c) 2026, The nasops.nas authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Share links of a Freebox."""

from __future__ import annotations

import io

import pytest
from ansible_collections.nasops.nas.plugins.module_utils._api.capabilities.share_links import ShareLinkFeatures
from ansible_collections.nasops.nas.plugins.module_utils._core.errors import Kind, NasError
from ansible_collections.nasops.nas.plugins.module_utils._core.links import NEVER, DesiredLink, Mail, ShareLink
from ansible_collections.nasops.nas.plugins.module_utils._core.waiting import Watch
from ansible_collections.nasops.nas.tests.unit.plugins.module_utils._freebox.fake import Answer, b64, bad, good

PATH = "/Disque dur/Été 100%/a+b.tar.gz"
TOKEN = "l1i-Su_thQC8b+Ko"
LATER = 4102444800
URL = f"https://box.example.net:4011/share/{TOKEN}/a+b.tar.gz"
FETCH = f"GET /share/{TOKEN}/a+b.tar.gz"


def reported(path=PATH, token=TOKEN, expire=LATER, **more):
    name = path.rpartition("/")[2]
    return {"path": b64(path), "token": token, "name": name, "expire": expire, "fullurl": URL, "internal": 0, **more}


def links(box):
    return box.client().share_links


def failure(action):
    with pytest.raises(NasError) as caught:
        action()
    return caught.value


def test_features(box):
    assert links(box).features == ShareLinkFeatures(expires=True, download=True, of_shares=True)
    assert links(box).rounded(1700000001) == 1700000001


def test_list(box):
    unset = reported("Freebox/x/", "t2", NEVER, fullurl="")
    box.on("GET share_link/", good([reported(), unset, reported(token="t3", expire=1700000000, internal=None)]))
    first, second, third = links(box).list()
    assert first == ShareLink(TOKEN, PATH, URL, LATER, details={"name": "a+b.tar.gz", "internal": 0})
    assert (second.path, second.url, second.expires, second.valid) == ("/Freebox/x", "", NEVER, True)
    assert (third.valid, third.has_password, third.details) == (False, None, {"name": "a+b.tar.gz"})
    assert box.calls() == ["GET share_link/"]


def test_no_links(box):
    box.on("GET share_link/", good())
    assert links(box).list() == []


@pytest.mark.parametrize(
    "result",
    [
        {},
        [5],
        [{**reported(), "path": "***"}],
        [{**reported(), "token": ""}],
        [{**reported(), "expire": "0"}],
        [{**reported(), "expire": True}],
        [{**reported(), "fullurl": 5}],
        [{key: value for key, value in reported().items() if key != "token"}],
    ],
)
def test_a_list_that_makes_no_sense(box, result):
    box.on("GET share_link/", good(result))
    assert failure(links(box).list).kind is Kind.PROTOCOL


def test_get(box):
    box.on(f"GET share_link/{TOKEN}", good(reported()))
    link = links(box).get(TOKEN)
    assert link is not None
    assert (link.id, link.path) == (TOKEN, PATH)


@pytest.mark.parametrize("code", ["invalid_id", "noent"])
def test_a_link_that_is_not_there(box, code):
    box.on(f"GET share_link/{TOKEN}", bad(code))
    assert links(box).get(TOKEN) is None


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("path_not_found", Kind.NOT_FOUND),
        ("internal_error", Kind.DEVICE),
        ("insufficient_rights", Kind.PERMISSION_DENIED),
    ],
)
def test_no_other_code_passes_for_absent(box, code, kind):
    box.on(f"GET share_link/{TOKEN}", bad(code))
    error = failure(lambda: links(box).get(TOKEN))
    assert (error.kind, error.call) == (kind, "GET share_link/{token}")


def test_an_id_never_leads_elsewhere(box):
    box.on("GET share_link/..%2Ffs%2Ftasks%2F%3F", bad("invalid_id"))
    assert links(box).get("../fs/tasks/?") is None
    for odd in ("", ".", ".."):
        assert failure(lambda odd=odd: links(box).get(odd)).kind is Kind.USAGE


@pytest.mark.parametrize(
    ("desired", "expire"), [(DesiredLink(), 0), (DesiredLink(NEVER), 0), (DesiredLink(LATER), LATER)]
)
def test_create(box, desired, expire):
    box.on("POST share_link/", good(reported(expire=expire)))
    link = links(box).create(PATH, desired)
    assert (link.id, link.path, link.url, link.expires) == (TOKEN, PATH, URL, expire)
    assert box.bodies("POST share_link/") == [{"path": b64(PATH), "expire": expire, "fullurl": ""}]


@pytest.mark.parametrize(
    "desired",
    [
        DesiredLink(password="secret-word"),
        DesiredLink(available_from=5),
        DesiredLink(ssl=True),
        DesiredLink(hostname="x"),
        DesiredLink(network="local"),
    ],
)
def test_a_link_is_not_made_without_all_that_was_desired(box, desired):
    error = failure(lambda: links(box).create(PATH, desired))
    assert error.kind is Kind.UNSUPPORTED
    assert "secret-word" not in str(error)
    assert box.requests == []


def test_nothing_is_mailed(box):
    mail = Mail(("a@example.org",), "s", "c")
    assert failure(lambda: links(box).create(PATH, DesiredLink(), mail)).kind is Kind.UNSUPPORTED


def test_a_link_to_nothing(box):
    box.on("POST share_link/", bad("path_not_found"))
    error = failure(lambda: links(box).create(PATH, DesiredLink()))
    assert (error.kind, error.path, error.call) == (Kind.NOT_FOUND, PATH, "POST share_link/")


def test_a_link_is_never_made_twice(box):
    box.on("POST share_link/", Answer(503, b""))
    assert failure(lambda: links(box).create(PATH, DesiredLink())).kind is Kind.BUSY
    assert box.count("POST share_link/") == 1


@pytest.mark.parametrize("result", [None, b64(PATH), {"token": 5}])
def test_a_new_link_that_makes_no_sense(box, result):
    box.on("POST share_link/", good(result))
    assert failure(lambda: links(box).create(PATH, DesiredLink())).kind is Kind.PROTOCOL


def test_delete(box):
    box.on(f"DELETE share_link/{TOKEN}", Answer(503, b""), good())
    box.on("DELETE share_link/t2", bad("invalid_id"))
    links(box).delete([ShareLink(TOKEN, PATH, URL), ShareLink("t2", PATH, "")])
    assert box.calls() == [f"DELETE share_link/{TOKEN}"] * 2 + ["DELETE share_link/t2"]


def test_a_link_that_cannot_be_deleted(box):
    box.on(f"DELETE share_link/{TOKEN}", bad("internal_error"))
    error = failure(lambda: links(box).delete([ShareLink(TOKEN, PATH, URL)]))
    assert (error.kind, error.path) == (Kind.DEVICE, PATH)
    assert TOKEN not in str(error)


def test_what_a_freebox_cannot_do(box):
    link = ShareLink(TOKEN, PATH, URL)
    for action in (lambda: links(box).edit(link, DesiredLink(LATER)), links(box).clear_invalid, links(box).delete_all):
        assert failure(action).kind is Kind.UNSUPPORTED
    assert box.requests == []


def test_an_expired_session(box):
    box.on("GET share_link/", bad("auth_required", 403, result={"challenge": "c"}), good([reported()]))
    assert len(links(box).list()) == 1
    assert box.logins == 2


# following a link


def fetch(box, url=URL, watch=None):
    sink = io.BytesIO()
    written = links(box).download(url, None, sink, watch=watch or Watch())
    assert written == len(sink.getvalue())
    return sink.getvalue()


def test_anybody_can_follow_a_link(box):
    content = bytes(range(256)) * 8192
    box.on(FETCH, Answer(200, content, {"Content-Type": "application/octet-stream"}))
    seen = []
    assert fetch(box, watch=Watch(lambda done, total: seen.append((done, total)))) == content
    assert [request.call for request in box.requests] == [FETCH]
    assert not {"x-fbx-app-auth", "authorization", "cookie"} & {name.lower() for name in box.requests[0].headers}
    assert len(seen) > 1
    assert seen[-1] == (len(content), len(content))


@pytest.mark.parametrize(
    ("url_path", "target"),
    [
        ("/share/t/a%20b%23.txt", "/share/t/a%20b%23.txt"),
        ("/share/t/a b#1?é.txt", "/share/t/a%20b%231%3F%C3%A9.txt"),
        ("/share/t/100%.txt", "/share/t/100%25.txt"),
        ("/share/t-_+=/", "/share/t-_+=/"),
        ("/share/t", "/share/t"),
    ],
)
def test_names_in_links(box, url_path, target):
    box.on(f"GET {target}", Answer(200, b"x", {"Content-Type": "text/plain"}))
    assert fetch(box, f"http://other.example{url_path}") == b"x"


def test_a_link_with_the_version_of_the_api(box):
    box.on(f"GET share/{TOKEN}/", Answer(200, b"x", {"Content-Type": "text/plain"}))
    assert fetch(box, f"http://192.0.2.1/api/v8/share/{TOKEN}/") == b"x"
    assert box.requests[0].target == f"/api/v8/share/{TOKEN}/"


@pytest.mark.parametrize("url", ["", "nonsense", "ftp://x/share/t", "http://x/fs/rm", "http://x/share/", "//x/share/t"])
def test_what_is_no_link(box, url):
    assert failure(lambda: fetch(box, url)).kind is Kind.USAGE
    assert box.requests == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(404, b"<html>"), Kind.NOT_FOUND),
        (Answer(410, b""), Kind.NOT_FOUND),
        (bad("invalid_request", 404), Kind.NOT_FOUND),
        (bad("invalid_id"), Kind.NOT_FOUND),
        (bad("path_not_found"), Kind.NOT_FOUND),
        (Answer(403, b"<html>"), Kind.PERMISSION_DENIED),
        (bad("auth_required"), Kind.PERMISSION_DENIED),
        (bad("internal_error"), Kind.DEVICE),
        (Answer(500, b"<html>"), Kind.DEVICE),
        (Answer(204, b""), Kind.PROTOCOL),
        (Answer(503, b""), Kind.BUSY),
        (Answer(302, b"", {"Location": "https://elsewhere/"}), Kind.REDIRECT),
        (Answer(200, b"<html>", {"Content-Type": "text/html; charset=utf-8"}), Kind.WRONG_TYPE),
    ],
)
def test_a_link_that_gives_nothing(box, answer, kind):
    box.on(FETCH, answer)
    error = failure(lambda: fetch(box))
    assert error.kind is kind
    assert TOKEN not in str(error) + repr(error)
    assert box.logins == 0


def test_pages_that_are_files(box):
    page = {"Content-Type": "text/html"}
    box.on("GET /share/t/page.html", Answer(200, b"<p>", page))
    assert fetch(box, "http://x/share/t/page.html") == b"<p>"
    box.on(FETCH, Answer(200, b"<p>", {**page, "Content-Disposition": "attachment"}))
    assert fetch(box) == b"<p>"


def test_a_file_of_json(box):
    box.on(FETCH, Answer(200, b'{"success": true}'))
    assert fetch(box) == b'{"success": true}'


def test_a_file_that_breaks_off(box):
    box.on(FETCH, Answer(200, b"abc", {"Content-Type": "text/plain", "Content-Length": "9"}))
    assert failure(lambda: fetch(box)).kind in (Kind.CONNECTION, Kind.MISMATCH)
