"""What is delivered by a server that refuses, hangs, answers errors and dies."""

import json
import socket
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from python_ml.alerts.destinations import File, Terminal, Webhook, destination
from python_ml.alerts.log import DeliveryLog, append_line
from python_ml.alerts.messages import Alert, due_messages
from python_ml.alerts.sending import Persistence, send
from python_ml.alerts.webhook import seconds_to_wait

ALERTS = [Alert(f"a{number}", "open", feed="orders") for number in range(5)]


class Server(ThreadingHTTPServer):
    """A webhook that does, request by request, what it is told, and else takes it."""

    daemon_threads = True

    def __init__(self, *what):
        self.what, self.received, self.taken = list(what), [], []
        self.released = threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=partial(self.serve_forever, 0.02), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/services/SECRET"

    def close(self):
        self.released.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, *_):
        pass  # Of connections that it broke itself.


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        payload = json.loads(body)
        message = payload["metadata"]["event_payload"]["id"]
        assert self.headers["Idempotency-Key"] == message
        self.server.received.append(message)
        what = self.server.what.pop(0) if self.server.what else 200
        if callable(what):
            what = what()
        if what == "hang":
            self.server.released.wait(30)
        elif what == "drip":
            # A byte at a time, each in time for the socket.
            while not self.server.released.wait(0.05):
                self.wfile.write(b"H")
                self.wfile.flush()
        elif what == "die":
            self.connection.shutdown(socket.SHUT_RDWR)
        elif what == "die in the middle":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok")
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
        elif isinstance(what, tuple):
            code, headers = what
            self.answer(code, headers)
        else:
            if what == 200:
                self.server.taken.append(message)
            self.answer(what, {})

    def do_GET(self):
        self.answer(200, {})

    def answer(self, code, headers):
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        pass


@pytest.fixture
def serve():
    servers = []

    def start(*what):
        servers.append(Server(*what))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


class Run:
    """One call of the command: what is due, delivered and marked."""

    def __init__(self, tmp_path, alerts=ALERTS):
        self.log, self.alerts, self.waits = DeliveryLog(tmp_path / "log"), alerts, []

    def __call__(self, to, mark=None, **persistence):
        with self.log.locked():
            self.log.mend()
            due = due_messages(self.alerts, self.log.deliveries(to.key))
            return send(
                due,
                to,
                mark or (lambda message: self.log.mark(message, to.key)),
                Persistence(**{"timeout": 5, **persistence}),
                self.waits.append,
            )


def webhook(server):
    return destination("env:HOOK", {"HOOK": server.url})


@pytest.mark.parametrize(
    "what",
    [
        [500, 503, 429, 408, "die", "die in the middle"],
        ["die in the middle"] * 3,
        [502] * 4,
    ],
)
def test_every_incident_arrives_in_spite_of_what_passes(serve, tmp_path, what):
    server, run = serve(*what), Run(tmp_path)
    outcome = run(webhook(server), attempts=7)
    assert not outcome.left
    due = [message.message_id for message in due_messages(ALERTS, {})]
    assert server.taken == due
    assert set(server.received) == set(due)
    assert len(server.received) == len(due) + len(what)
    # And no run tells it again.
    assert not run(webhook(server)).delivered
    assert len(server.received) == len(due) + len(what)


@pytest.mark.parametrize("what", ["hang", "drip"])
def test_a_server_that_hangs_is_left_in_time(serve, tmp_path, what):
    server, run = serve(what), Run(tmp_path, ALERTS[:1])
    outcome = run(webhook(server), timeout=0.5, attempts=1)
    assert [problem for _, problem in outcome.left] == ["no answer within 0.5 seconds"]
    outcome = run(webhook(server))
    assert len(outcome.delivered) == 1
    assert len(set(server.received)) == 1


def test_what_is_not_taken_is_left_for_the_next_run(serve, tmp_path):
    refusing, run = serve(), Run(tmp_path)
    refusing.close()
    url = refusing.url
    to = destination("env:HOOK", {"HOOK": url})
    outcome = run(to, attempts=2)
    assert not outcome.delivered
    assert {problem for _, problem in outcome.left} == {
        "no connection: Connection refused"
    }
    # The variable may name another URL by then.
    assert len(run(webhook(serve())).delivered) == len(ALERTS)


def test_one_message_that_is_never_taken_does_not_keep_the_others(serve, tmp_path):
    server, run = serve(200, 400), Run(tmp_path)
    outcome = run(webhook(server))
    assert [problem for _, problem in outcome.left] == ["HTTP 400"]
    assert len(outcome.delivered) == len(ALERTS) - 1
    assert not run.waits
    assert len(run(webhook(server)).delivered) == 1
    assert len(set(server.received)) == len(ALERTS)


def test_a_redirect_is_no_delivery(serve, tmp_path):
    other = serve()
    server = serve((302, {"Location": other.url}), (307, {"Location": other.url}))
    outcome = Run(tmp_path, ALERTS[:2])(webhook(server))
    assert [problem for _, problem in outcome.left] == [
        "HTTP 302: it redirects elsewhere",
        "HTTP 307: it redirects elsewhere",
    ]
    assert not other.received


def test_waits_double_up_to_a_limit_and_attempts_end(serve, tmp_path):
    server, run = serve(*[500] * 9), Run(tmp_path, ALERTS[:1])
    outcome = run(webhook(server), attempts=6, first_wait=2, longest_wait=10)
    assert [problem for _, problem in outcome.left] == ["HTTP 500"]
    assert len(server.received) == 6
    assert len(run.waits) == 5
    for wait, most in zip(run.waits, [2, 4, 8, 10, 10], strict=True):
        assert most / 2 <= wait <= most


def test_a_server_that_asks_to_wait_is_waited_for(serve, tmp_path):
    server, run = serve((429, {"Retry-After": "70"})), Run(tmp_path, ALERTS[:1])
    assert run(webhook(server)).delivered
    assert run.waits == [70]


def test_it_is_not_waited_for_longer_than_there_is_patience(serve, tmp_path):
    server, run = serve((503, {"Retry-After": "3600"})), Run(tmp_path)
    outcome = run(webhook(server))
    assert not outcome.delivered and not run.waits
    assert len(server.received) == 1
    assert outcome.left[0][1] == "HTTP 503, and 3,600 seconds to wait are too long"
    assert len(outcome.left) == len(ALERTS)


def test_a_time_to_wait_is_read_as_seconds_or_as_a_date():
    assert seconds_to_wait(" 12 ") == 12
    assert seconds_to_wait("Wed, 01 Jul 2020 06:00:00 GMT") == 0
    assert seconds_to_wait("Wed, 01 Jul 2099 06:00:00 GMT") > 1e9
    for other in (None, "", "soon", "-1", "1.5"):
        assert seconds_to_wait(other) is None


class Crash(BaseException):
    pass


def test_after_a_crash_before_the_mark_it_comes_with_the_same_id(serve, tmp_path):
    server, run = serve(), Run(tmp_path)

    def crash(message):
        raise Crash

    for _ in range(3):
        with pytest.raises(Crash):
            run(webhook(server), crash)
    assert len(server.received) == 3 and len(set(server.received)) == 1
    run(webhook(server))
    assert len(set(server.received)) == len(ALERTS)
    assert len(server.received) == 3 + len(ALERTS)


def test_a_mark_that_was_torn_does_not_count(serve, tmp_path):
    server, run = serve(), Run(tmp_path)
    run(webhook(server))
    whole = run.log.path.read_bytes()
    for length in range(len(whole) - 1, len(whole) - 40, -1):
        run.log.path.write_bytes(whole[:length])
        outcome = run(webhook(server))
        assert [message.alert.alert_id for message in outcome.delivered] == ["a4"]
    assert len(set(server.received)) == len(ALERTS)
    assert len(run.log.path.read_text().splitlines()) == len(ALERTS)


def test_a_log_that_is_none_is_said_to_be_so(tmp_path):
    (tmp_path / "log").write_text('{"id": 1}\n')
    with pytest.raises(ValueError, match=r"Line 1 of .*log is no delivery"):
        Run(tmp_path)(Terminal())


def test_two_do_not_deliver_at_once(tmp_path):
    run = Run(tmp_path)
    with run.log.locked(), pytest.raises(ValueError, match="Another `assay alert`"):
        run(Terminal())


def test_each_destination_is_told(serve, tmp_path):
    server, run = serve(), Run(tmp_path)
    file = File(tmp_path / "alerts.jsonl")
    assert len(run(file).delivered) == len(run(webhook(server)).delivered) == 5
    assert not run(file).delivered
    lines = [json.loads(line) for line in file.path.read_text().splitlines()]
    assert [line["id"] for line in lines] == server.received


def test_lines_begin_on_a_line_of_their_own(tmp_path):
    file = tmp_path / "lines"
    append_line(file, "one")
    file.write_text(file.read_text() + "torn")
    append_line(file, "two")
    append_line(file, "three")
    assert file.read_text() == "one\ntorn\ntwo\nthree\n"


def test_a_file_that_cannot_be_written_is_said(tmp_path):
    outcome = Run(tmp_path)(File(tmp_path / "absent" / "file"))
    assert outcome.left[0][1].endswith("cannot be written: No such file or directory")


@pytest.mark.parametrize(
    ("given", "environment", "sentence"),
    [
        ("env:HOOK", {}, "The variable HOOK is not set."),
        ("env:", {}, "The variable \\(no name\\) is not set."),
        ("env:HOOK", {"HOOK": "xoxb-SECRET"}, "HOOK holds no URL of http or https."),
        ("env:HOOK", {"HOOK": "http://h/SECRET\nX: y"}, "HOOK holds no URL"),
        ("ftp://host/SECRET", {}, "--to holds no URL of http or https."),
        ("http:///SECRET", {}, "--to holds no URL"),
        ("http://[SECRET", {}, "--to holds no URL"),
        ("https://host:SECRET/", {}, "--to holds no URL"),
        ("https://me:SECRET@host/", {}, "--to env:NAME"),
    ],
)
def test_what_is_no_destination_is_said_without_its_secret(
    given, environment, sentence
):
    with pytest.raises(ValueError, match=sentence) as caught:
        destination(given, environment)
    assert "SECRET" not in str(caught.value)


def test_nothing_of_a_url_is_shown_but_its_host():
    url = "https://hooks.example.com/services/SECRET?token=SECRET"
    for to in (
        destination(url, {"T": "SECRET"}, "T"),
        destination("env:HOOK", {"HOOK": url}),
        destination("env:HOOK", {"HOOK": url.replace("hooks", "me:SECRET@hooks")}),
    ):
        assert isinstance(to, Webhook)
        assert "hooks.example.com" in to.shown
        assert "SECRET" not in to.shown + to.key + repr(to) + str(to)


def test_a_password_and_a_token_go_into_a_header(serve, tmp_path):
    seen = []
    server = serve()

    class Noting(Handler):
        def do_POST(self):
            seen.append((self.headers["Authorization"], self.path))
            super().do_POST()

    server.RequestHandlerClass = Noting
    url = server.url.replace("http://", "http://me:p%40ss@")
    run = Run(tmp_path, ALERTS[:1])
    assert run(destination("env:A", {"A": url})).delivered
    environment = {"B": server.url, "T": "abc"}
    assert run(destination("env:B", environment, "T")).delivered
    path = "/services/SECRET"
    assert seen == [("Basic bWU6cEBzcw==", path), ("Bearer abc", path)]
