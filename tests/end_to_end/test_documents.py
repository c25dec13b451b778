"""The commands of the documents, run as they stand in an empty folder against a running server."""

import re
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from twilio.rest import Client

import app
from tests.end_to_end.documents import LANGUAGES, PAGES, ROOT, blocks, fits
from tests.end_to_end.quick_commands import commands
from twiml.carrier import HttpClient
from twiml.emulator import Phones
from verification import cli, settings

NUMBER = "+19029052034"
SHOWN_URL = "http://127.0.0.1:8000"
SECONDS = 300.0  # for one page
TRIES = 200
END = "--- the end of "


class Shell:
    """A shell that keeps what it was told, as the terminal of a reader does."""

    def __init__(self, folder, environment):
        self._bash = subprocess.Popen(
            ["bash", "--norc"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self._bash.stdin
        assert self._bash.stdout
        self._typed, self._shown = self._bash.stdin, self._bash.stdout
        self._timer = threading.Timer(SECONDS, self._bash.kill)
        self._timer.start()

    def run(self, command):
        """Run a command; gives its exit code and what it printed."""
        self._typed.write(f'{command}\necho "{END}$?"\n')
        self._typed.flush()
        printed = ""
        for line in self._shown:
            before, end, code = line.partition(END)
            printed += before
            if end:
                return int(code), printed
        raise AssertionError(f"{command}: no end, after {printed}")

    def close(self):
        self._timer.cancel()
        self._typed.close()
        self._bash.wait()
        self._shown.close()


class Reader:
    """Somebody who follows the documents, with an account and an order that is verified."""

    def __init__(self, url, program, environment, folder):
        self.url, self.program, self.environment = url, program, environment
        self.names: dict[str, str] = {}
        self.folder = folder

    def filled(self, text):
        """The text with what the reader would put in place of what the document leaves open."""
        for name, value in self.names.items():
            text = text.replace(name, value)
        return text.replace(SHOWN_URL, self.url).replace(".venv/bin/lineproof", "lineproof")

    def learn(self, printed):
        """What a command has printed is put in from now on."""
        for name in ("ACCOUNT_SID", "AUTH_TOKEN"):
            for value in re.findall(rf"^{name}=(\S+)$", printed, re.M):
                shown = "AC..." if name == "ACCOUNT_SID" else "..."
                self.names[f"{name}={shown}"] = f"{name}={value}"
        for value in re.findall(r'"sid": *"(RI[0-9a-f]{32})"', printed):
            self.names["RI..."] = value

    def follow(self, page):
        """Run every block of a page that can be run; gives how many commands were."""
        folder = self.folder / page.stem
        folder.mkdir()
        (folder / "bill.pdf").write_bytes(b"%PDF-1.4\n%%EOF\n")
        count = 0
        with closing(Shell(folder, self.environment)) as shell:
            for block in blocks(page):
                if block.language == "console" and block.why_not is None:
                    count += self._follow(shell, block)
        return count

    def _follow(self, shell, block):
        steps = list(block.commands())
        assert steps, f"{block.name}: a console without a command"
        for place, (command, shown) in enumerate(steps, 1):
            note = block.note if place == len(steps) else ""
            until = note.removeprefix("until: ") if note.startswith("until: ") else ""
            code, printed = self._run(shell, command, until)
            self.learn(printed)
            wanted = int(note.removeprefix("exit ")) if note.startswith("exit ") else 0
            told = f"{block.name}: $ {command}\nended with {code} and printed\n{printed}"
            assert code == wanted, told
            assert not shown or fits(shown, printed.replace(self.url, SHOWN_URL)), told
        return len(steps)

    def _run(self, shell, command, until):
        if command.endswith("lineproof serve"):
            return 0, f"{self.url}\n"  # it runs already
        if command == "make demo":
            command = "LINEPROOF_SPEED=200 lineproof demo"
        for _ in range(TRIES):
            code, printed = shell.run(self.filled(command))
            if until in printed or not until:
                break
        return code, printed


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    folder = tmp_path_factory.mktemp("documents")
    given = {
        "DATABASE_URL": f"sqlite:///{folder}/lineproof.db",
        "LINEPROOF_SPEED": "0",
        "LINEPROOF_CALLS_PER_SECOND": "100",
    }
    environment = {
        **given,
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "LINEPROOF_CARRIER_FILE": "/dev/null/x",
    }
    environment["PATH"] = f"{folder}:{Path(sys.executable).parent}:/usr/bin:/bin"
    with commands(folder) as program, app.running(settings.load(given), 0) as house:
        reader = Reader(house.local_url, program, environment, folder)
        sid, token = cli.new_account(app._opened(house), "Acme")
        environment |= {"ACCOUNT_SID": sid, "AUTH_TOKEN": token}
        order = verified(Client(sid, token, http_client=HttpClient(house.local_url)))
        reader.names = {
            "HR...": order.sid,
            " AC...": f" {sid}",
            "https://HOST": house.local_url,
        }
        yield reader


def verified(client):
    """An order that is verified, on a line of its own."""
    orders = client.preview.hosted_numbers.hosted_number_orders
    order = orders.create(phone_number="+19029052035", sms_capability=True)
    for status in ("received", "verified"):
        if status == "verified":
            order = order.update(status="pending-verification")
        for _ in range(TRIES * 10):
            if order.status == status:
                break
            order = order.fetch()
        assert order.status == status
    return order


def having(language):
    return [
        pytest.param(page, id=page.name)
        for page in PAGES
        if any(one.language == language and one.why_not is None for one in blocks(page))
    ]


@pytest.mark.parametrize("page", having("console"))
def test_every_command_of_a_page_does_what_the_page_shows(reader, page):
    assert reader.follow(page)


@pytest.mark.parametrize("page", having("python"))
def test_every_example_in_python_compiles(page):
    for block in blocks(page):
        if block.language == "python":
            compile(block.text, block.name, "exec")


@pytest.mark.parametrize("page", ["README.md", "docs/api.md"])
def test_the_examples_that_need_an_account_run(reader, page):
    # Those of the other pages have tests of their own, which also look at what they give.
    names = {name: reader.environment[name] for name in ("ACCOUNT_SID", "AUTH_TOKEN")}
    names |= {"Client": Client}
    for block in blocks(ROOT / page):
        if block.language == "python":
            exec(reader.filled(block.text), names)  # noqa: S102 - the page is ours


def test_the_example_of_a_phones_toml_is_one(tmp_path):
    (example,) = (one for one in blocks(ROOT / "docs" / "phones.md") if one.language == "toml")
    (tmp_path / "phones.toml").write_text(example.text)
    assert Phones.load(tmp_path / "phones.toml").find(NUMBER).carrier == "Iristel Inc. - ON"


def test_every_block_says_what_it_is_and_what_is_not_run_says_why():
    found = [block for page in PAGES for block in blocks(page)]
    assert not [one.name for one in found if one.language not in LANGUAGES]
    assert not [one.name for one in found if one.note.startswith("not run") and not one.why_not]
    fences = sum(page.read_text("utf-8").count("\n```") for page in PAGES)
    assert fences == 2 * len(found)


def test_every_link_between_the_pages_leads_somewhere():
    lost = []
    for page in PAGES:
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
            path, _, place = target.partition("#")
            if "://" in target:
                continue
            there = page.parent / path if path else page
            if not there.exists() or (place and place not in anchors(there)):
                lost.append(f"{page.name}: {target}")
    assert not lost


def anchors(page):
    """The names of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.M)
    bare = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in bare}


@pytest.mark.parametrize(
    ("shown", "printed", "is_shown"),
    [
        ("a\n...\nc", "a\nb\nb\nc\n", True),
        ("AC...", "AC12", True),
        ("Calls are placed.", "Dialling is stopped.", False),
        ("a", "a\nb", False),
    ],
)
def test_a_document_that_shows_something_else_is_found(shown, printed, is_shown):
    assert fits(shown, printed) == is_shown
