"""Alerts by mail and webhook, against servers that answer on the loopback."""

import http.server
import json
import shutil
import ssl
import subprocess
from dataclasses import replace
from mailbox import Mailbox, running

import pytest

from kpilib.alerts.alert import Alert
from kpilib.alerts.letter import Letter
from kpilib.alerts.mail import message, send
from kpilib.alerts.state import Back
from kpilib.alerts.watch import Watch
from kpilib.alerts.webhook import post
from kpilib.errors import BadInput
from kpilib.workbook.chosen import Mail

DROP = Alert("outside", "worse", "2026-06", "2026-06", 0.3, 0.4, 0.6, 0.5, "win_rate", "segment", "SMB", "below")
WATCH = Watch((DROP,), "2026-06", 40, 0.05, 24, frozenset())
LETTER = Letter("Vigie", WATCH, [DROP])


def given(port, **more) -> Mail:
    """Settings of a mail server on the loopback, without TLS unless it is asked for."""
    return Mail(**{"host": "127.0.0.1", "sender": "kpi@example.com", "to": ("boss@example.com",), "port": port,
                   "starttls": False, **more})  # fmt: skip


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A key and a certificate of 127.0.0.1, which nobody else trusts."""
    if shutil.which("openssl") is None:
        pytest.fail("openssl makes the certificate of this test; install it.")
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *name, "-keyout", str(file)]
    made = subprocess.run([*command, "-out", str(file) + ".crt"], check=True, capture_output=True)
    assert made.returncode == 0
    return str(file), str(file) + ".crt"


def test_a_letter_has_plain_text_and_html_that_say_the_same():
    with running(Mailbox()) as box:
        send(LETTER, given(box.port))
    letter = box.letters[0]
    plain, page = letter.get_body(("plain",)).get_content(), letter.get_body(("html",)).get_content()
    assert letter["Subject"] == "Vigie: 1 alert"
    assert (letter["From"], letter["To"]) == ("kpi@example.com", "boss@example.com")
    assert DROP.said() in plain
    assert DROP.said() in page
    assert "gives a false alarm in 5% of months at most" in plain


def test_the_letter_is_sent_over_tls_with_the_password_of_the_environment(certificate):
    key, crt = certificate
    served, trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context(cafile=crt)
    served.load_cert_chain(crt, key)
    with running(Mailbox(served, ("kpi", "s3cret"))) as box:
        asked = given(box.port, starttls=True, user="kpi", password_env="KPI_MAIL")
        send(LETTER, asked, {"KPI_MAIL": "s3cret"}, trusted)
        with pytest.raises(BadInput, match=r"535.*wrong user or password") as refused:
            send(LETTER, asked, {"KPI_MAIL": "guess"}, trusted)
        with pytest.raises(BadInput, match="CERTIFICATE_VERIFY_FAILED"):
            send(LETTER, asked, {"KPI_MAIL": "s3cret"})  # nobody vouches for this server
    assert len(box.letters) == 1
    assert box.heard.index("STARTTLS") < next(i for i, line in enumerate(box.heard) if line.startswith("AUTH"))
    assert "guess" not in str(refused.value)


def test_a_server_without_tls_gets_no_letter_where_tls_is_asked_for():
    with running(Mailbox()) as box, pytest.raises(BadInput, match="STARTTLS"):
        send(LETTER, given(box.port, starttls=True))
    assert box.letters == []


def test_a_password_does_not_leave_this_machine_in_clear():
    with pytest.raises(BadInput, match=r"not sent to mail\.example\.com without TLS"):
        send(LETTER, given(25, host="mail.example.com", user="kpi", password_env="P"), {"P": "x"})


def test_a_user_without_a_password_is_told_where_to_put_it():
    with pytest.raises(BadInput, match="environment variable KPI_MAIL"):
        send(LETTER, given(25, user="kpi", password_env="KPI_MAIL"), {})


def test_a_server_that_is_not_there_is_named():
    with running(Mailbox()) as box:
        port = box.port
    with pytest.raises(BadInput, match=rf"127\.0\.0\.1:{port} did not take the mail: .*refused"):
        send(LETTER, given(port))


def test_a_recipient_whom_the_server_does_not_know_is_named_and_the_others_have_the_mail():
    with running(Mailbox(nobody="gone")) as box, pytest.raises(BadInput, match=r"refused gone@example\.com"):
        send(LETTER, given(box.port, to=("gone@example.com", "boss@example.com")))
    assert len(box.letters) == 1


@pytest.mark.parametrize(
    "company", ["Vigie\r\nBcc: thief@example.com", "Vigie\nBcc: thief@example.com", "V\x00\x1b[2J"]
)
def test_a_company_whose_name_holds_a_header_adds_none(company):
    with running(Mailbox()) as box:
        send(replace(LETTER, company=company), given(box.port))
    head = box.raw[0].split(b"\r\n\r\n")[0]
    assert not any(line.lower().startswith(b"bcc") for line in head.splitlines())
    assert b"\x1b" not in box.raw[0]
    assert box.letters[0]["Bcc"] is None


@pytest.mark.parametrize("address", ["boss@example.com\r\nBcc: thief@example.com", "nobody"])
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(BadInput, match="is no e-mail address"):
        message(LETTER, "kpi@example.com", (address,))


def test_a_member_whose_name_is_markup_is_text_in_the_page_and_one_line_in_the_text():
    odd = replace(DROP, member="<script>alert(1)</script>\n.\nQUIT", events=("<img src=x>",))
    with running(Mailbox()) as box:
        send(replace(LETTER, news=[odd], watch=replace(WATCH, alerts=(odd,))), given(box.port))
    page = box.letters[0].get_body(("html",)).get_content()
    plain = box.letters[0].get_body(("plain",)).get_content()
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page
    assert "</script> . QUIT was" in plain


def test_a_letter_of_what_is_over_says_so():
    over = replace(LETTER, news=[], over=[Back(DROP.series, "Win rate, SMB", "2026-06", "2026-07")])
    assert over.subject == "Vigie: alerts that are over"
    assert "Win rate, SMB: over. What was told since 2026-06 no longer holds in 2026-07." in over.text()
    assert not over.empty


# --- the webhook ----------------------------------------------------------------------------------------------------


class Hook(http.server.ThreadingHTTPServer):
    """Answers each post with the next status, the last one for ever."""

    daemon_threads = True

    def __init__(self, *statuses: int) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.statuses, self.got = list(statuses), []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook?token=s3cret"


class _Answer(http.server.BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, self.headers["Content-Type"], json.loads(body)))
        status = self.server.statuses.pop(0) if len(self.server.statuses) > 1 else self.server.statuses[0]
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_):
        pass


def test_what_is_posted_is_the_letter_as_json():
    with running(Hook(204)) as hook:
        assert post(hook.url, LETTER.described()) == 1
    path, kind, said = hook.got[0]
    assert (path, kind) == ("/hook?token=s3cret", "application/json; charset=utf-8")
    assert said["company"] == "Vigie"
    assert said["alerts"][0]["key"] == DROP.key
    assert said["alerts"][0]["said"] == DROP.said()
    assert said["alerts"][0]["p"] is None  # no number is null, and never NaN


def test_a_busy_server_is_asked_again_after_longer_and_longer_pauses():
    waited = []
    with running(Hook(503, 429, 200)) as hook:
        assert post(hook.url, {}, sleep=waited.append) == 3
    assert waited == [1.0, 3.0]
    assert len(hook.got) == 3


def test_a_server_that_stays_busy_is_given_up_and_its_secret_is_not_told():
    with running(Hook(500)) as hook, pytest.raises(BadInput, match=r"127\.0\.0\.1 .*answered 500.*tries: 4") as refused:
        post(hook.url, {}, sleep=lambda _: None)
    assert len(hook.got) == 4
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("status", [400, 401, 404])
def test_a_refusal_is_not_tried_again(status):
    with running(Hook(status)) as hook, pytest.raises(BadInput, match=f"answered {status}.*tries: 1"):
        post(hook.url, {}, sleep=lambda _: None)
    assert len(hook.got) == 1


def test_an_answer_that_points_elsewhere_is_not_followed():
    with running(Hook(302)) as hook, pytest.raises(BadInput, match="answered 302"):
        post(hook.url, {}, sleep=lambda _: None)
    assert [path for path, *_ in hook.got] == ["/hook?token=s3cret"]


def test_nobody_there_is_tried_again_and_then_said():
    with running(Hook(200)) as hook:
        url = hook.url
    with pytest.raises(BadInput, match="refused; tries: 2"):
        post(url, {}, pauses=(0.0,))


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://x/y", "hook", "https://", "http://a b/", "http://a\r\nX: y/"]
)
def test_only_an_address_of_the_web_is_posted_to(url):
    with pytest.raises(BadInput, match="must be one of http or https"):
        post(url, {})
