"""The rules of the tree. Each is a function of one file (or of all files) that yields findings;
tree_test.py runs them over the tree, rules_test.py shows that each finds what it is there for."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

import source

LINE_MAX = 100  # columns
FUNCTION_MAX = 70  # lines
FILE_MAX = 500  # lines
FILE_SLACK = 50  # "about 500": a file may run over by this before it must be split
SUPERVISOR_MAX = 5000  # acting lines of the daemon: docs/decisions/size-of-the-daemon.md

PRODUCT = ("common", "ipc", "worker", "supervisor", "ctl", "venue", "calendar", "moving",
           "notify", "remote", "health")
CODE = PRODUCT + ("tests", "bench")


@dataclass(frozen=True)
class Finding:
    path: str
    line: int
    text: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.text}"


class File:
    """One file of the tree: its path from the root, its text, and what the rules ask of it."""

    def __init__(self, path, text):
        self.path = path
        self.text = text
        self.lines = text.split("\n")
        self.suffix = PurePosixPath(path).suffix
        self.top = path.split("/")[0]
        self.is_cpp = self.suffix in (".cpp", ".hpp")
        self.code = source.without_literals(text) if self.is_cpp else text

    @property
    def folder(self):
        """The part of the product a file belongs to: two levels for common and supervisor."""
        parts = self.path.split("/")
        depth = 2 if parts[0] in ("common", "supervisor") else 1
        return "/".join(parts[: min(depth, len(parts) - 1)])

    def find(self, pattern, text):
        for match in re.finditer(pattern, self.code):
            yield Finding(self.path, source.line_of(self.code, match.start()), text)

    def includes(self):
        """(line, name, quoted) of every include."""
        for number, line in enumerate(self.lines, 1):
            match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if match:
                yield number, match.group(2), match.group(1) == '"'


# --- shape -------------------------------------------------------------------------------------


def line_length(file):
    if not file.is_cpp and file.suffix not in (".py", ".sh", ".cmake") and file.path != "dev":
        return
    # Text that is printed as it stands, and tables that are laid out by hand, may be wider.
    text = re.sub(r"// clang-format off.*?// clang-format on", source.blank, file.text,
                  flags=re.DOTALL)
    text = re.sub(r'R"(\w*)\(.*?\)\1"', source.blank, text, flags=re.DOTALL)
    for number, line in enumerate(text.split("\n"), 1):
        line = line.rstrip()
        if len(line) > LINE_MAX:
            yield Finding(file.path, number, f"{len(line)} columns, {LINE_MAX} are allowed")


def file_length(file):
    if file.is_cpp and len(file.lines) > FILE_MAX + FILE_SLACK:
        yield Finding(file.path, len(file.lines), f"more than {FILE_MAX} lines; split it by role")


def function_length(file):
    if not file.is_cpp:
        return
    for block in source.blocks(file.code):
        if block.kind != "function" or block.close < 0:
            continue
        first = source.line_of(file.code, source.first_code(file.code, block.start))
        lines = source.line_of(file.code, block.close) - first + 1
        if lines > FUNCTION_MAX:
            yield Finding(file.path, first, f"a function of {lines} lines, {FUNCTION_MAX} at most")


def header_opening(file):
    if file.suffix != ".hpp" or file.top not in PRODUCT:
        return
    if not file.text.startswith("//"):
        yield Finding(file.path, 1, "a header begins by saying what it is")
    if "#pragma once" not in file.text:
        yield Finding(file.path, 1, "#pragma once is missing")


def unfinished(file):
    words = "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X"))
    for number, line in enumerate(file.lines, 1):
        if re.search(rf"\b(?:{words})\b", line):
            yield Finding(file.path, number, "unfinished work is an issue, not a comment")


# --- layers ------------------------------------------------------------------------------------

# Which parts of ours a part may include, besides itself.
LAYERS = {
    "common": ("common",),
    "ipc": ("common",),
    "worker": ("common", "ipc"),
    "supervisor": ("common", "ipc"),
    "ctl": ("common", "ipc", "moving"),
    "venue": ("common", "ipc"),
    "calendar": ("common",),
    "moving": ("common",),
    "notify": ("common", "ipc"),
    "remote": ("common", "ipc"),
    # Its judgement is the command's.
    "health": ("common", "ipc", "ctl"),
}
# Folders that decide and touch nothing: neither the system nor anything that does.
PURE = ("supervisor/fleet", "supervisor/lease", "common/matching", "moving")
PURE_OURS = ("common/base/", "common/model/", "common/config/", "ipc/liveness.hpp",
             "common/matching/", "common/documents/", "supervisor/fleet/", "supervisor/lease/",
             "moving/")
MODEL_OURS = ("common/base/", "common/model/")
IMPURE_HEADERS = re.compile(
    r"^(?:sys/(?!types)\w+\.h|(?:unistd|fcntl|poll|signal|pthread)\.h|csignal|thread|fstream"
    r"|iostream|filesystem|mutex|condition_variable|future)$")


def include_direction(file):
    if file.top not in PRODUCT:
        return
    for line, name, quoted in file.includes():
        if not quoted:
            continue
        top = name.split("/")[0]
        if "/" not in name or top.startswith("."):
            yield Finding(file.path, line, f'"{name}": includes are written from the root')
        elif top not in (file.top, *LAYERS[file.top]):
            yield Finding(file.path, line, f"{file.top} must not include {top}")
        elif file.folder == "common/base" and not name.startswith("common/base/"):
            yield Finding(file.path, line, "common/base includes nothing else of ours")
        elif file.folder == "common/model" and not name.startswith(MODEL_OURS):
            yield Finding(file.path, line, "common/model includes only common/base")


def purity(file):
    if file.folder not in PURE:
        return
    for line, name, quoted in file.includes():
        if quoted and not name.startswith(PURE_OURS):
            yield Finding(file.path, line, f"{file.folder} decides; it must not include {name}")
        if not quoted and IMPURE_HEADERS.match(name):
            yield Finding(file.path, line, f"{file.folder} decides; it must not touch <{name}>")


def folder_cycles(files):
    """No two folders of the product depend on each other, however indirectly."""
    graph = {}
    for file in files:
        if file.top not in PRODUCT or not file.is_cpp:
            continue
        targets = graph.setdefault(file.folder, {})
        for line, name, quoted in file.includes():
            if name.endswith("/planted.hpp"):
                continue  # of the simulation's own build: defects to be found
            target = File(name, "").folder if quoted and "/" in name else file.folder
            if target != file.folder and target.split("/")[0] in PRODUCT:
                targets.setdefault(target, (file.path, line))
    for start in sorted(graph):
        seen, todo = set(), list(graph[start])
        while todo:
            folder = todo.pop()
            if folder == start:
                path, line = next(iter(graph[start].values()))
                yield Finding(path, line, f"{start} depends on itself through other folders")
                break
            if folder not in seen:
                seen.add(folder)
                todo.extend(graph.get(folder, {}))


# Headers of C++ and of the operating system; what is not here is somebody's library.
STANDARD = re.compile(r"^(?:[a-z_]+|(?:(?:sys|netinet|arpa|linux|net)/)?[a-z_0-9]+\.h)$")
THIRD_PARTY_C = re.compile(r"^(?:zmq|zlib|sodium|sqlite3)\.h$|^systemd/")
THIRD_PARTY_ALLOWED = {("common/base/result.hpp", "tl/expected.hpp"),
                       ("common/documents/json_text.hpp", "nlohmann/json_fwd.hpp")}


def third_party(file):
    if file.top not in PRODUCT:
        return
    for line, name, quoted in file.includes():
        if quoted and name.endswith("_impl.hpp") and (
                file.suffix != ".cpp" or File(name, "").folder != file.folder):
            yield Finding(file.path, line, f"{name} is for the .cpp files of its own folder")
        # A folder may share a library among its .cpp files through a header named so.
        if file.suffix != ".hpp" or file.path.endswith("_impl.hpp"):
            continue
        if quoted or (file.path, name) in THIRD_PARTY_ALLOWED:
            continue
        if not STANDARD.match(name) or THIRD_PARTY_C.match(name):
            yield Finding(file.path, line, f"<{name}> belongs into a .cpp file")


def expected_named_once(file):
    if file.top in PRODUCT and file.is_cpp and file.path != "common/base/result.hpp":
        yield from file.find(r"\btl::", "only common/base/result.hpp names tl::")


# --- calls -------------------------------------------------------------------------------------

GETENV_ALLOWED = re.compile(r"^(?:common/config/|worker/environment|ipc/service_lease\.cpp$|"
                            r"common/launch/environment\.cpp$|common/loop/notify\.cpp$|"
                            r"ctl/(?:program|control_client)\.cpp$|"
                            r"(?:ctl|notify|supervisor)/(?:\w+/)?(?:\w+_)?main\.cpp$)")
BANNED = (
    (r"(?<![\w.:>])(?:std::|::)?system\s*\(", "system() runs a shell"),
    (r"\bpopen\s*\(", "popen() runs a shell"),
    (r"\bstd::w?regex\b", "std::regex recurses on its input and is slow"),
    (r"\b(?:std::)?(?:localtime|gmtime|ctime|asctime|mktime)(?:_r)?\s*\(",
     "time zones go through common/time"),
    (r"\b(?:strcpy|strcat|sprintf|gets|strtok)\s*\(", "unbounded C string call"),
    (r"(?<![\w.>])(?:std::)?s?rand\s*\(", "chance comes from common/base/random.hpp"),
    (r"\busing\s+namespace\s+std\b(?!::)", "using namespace std"),
    (r"\b(?:TEMP_FAILURE_RETRY|alloca)\s*\(", "not portable, or unbounded"),
)
CLOCKS = re.compile(r"\b(?:system_clock|steady_clock|high_resolution_clock)::now\b|"
                    r"\bclock_gettime\s*\(|\bgettimeofday\s*\(|(?<![\w.>])(?:std::|::)?time\s*\(\s*"
                    r"(?:nullptr|NULL|0|&)")
SLEEPS = (r"\b(?:sleep_for|sleep_until|usleep|nanosleep|clock_nanosleep)\b|"
          r"(?<![\w.>])(?:::)?sleep\s*\(")


def banned_calls(file):
    if file.top not in PRODUCT or not file.is_cpp:
        return
    for pattern, text in BANNED:
        yield from file.find(pattern, text)
    if not GETENV_ALLOWED.match(file.path):
        yield from file.find(r"\b(?:secure_)?getenv\s*\(", "the environment is read in one place")
    if file.path not in ("common/base/clock.cpp", "common/base/thread_times.cpp"):
        yield from file.find(CLOCKS.pattern, "time comes from the Clock that was handed in")
    if file.folder != "common/base":
        yield from file.find(r"\bstd::(?:random_device|mt19937(?:_64)?|uniform_\w+_distribution)\b",
                             "chance comes from common/base/random.hpp")


PORTS = re.compile(r"\b(?:VenuePort|SharePort)\s*::\s*make\s*\("
                   r"|make_unique\s*<[\w:\s]*\b(?:ShadowPort|ExchangePort)\b"
                   r"|\b(?:ShadowPort|ExchangePort)\s*\w*\s*[({]")
# Where a port is made: of an account's context; for a backtest; for who only follows a market.
PORT_MAKERS = ("worker/account_ports.cpp", "worker/backtest/backtest.cpp",
               "worker/signals/market_link.cpp")


def account_ports(file):
    """A worker's port to its broker is made of its account's context, in one place."""
    if file.top == "worker" and not file.path.startswith("worker/broker/") \
            and file.path not in PORT_MAKERS and file.is_cpp:
        yield from file.find(PORTS.pattern, "ports are made of a context, by account_ports.hpp")


def one_gate(file):
    """The one class that can make an approved order is the risk gate: nobody else takes its name,
    and what tests approve with stays with the tests."""
    if not file.is_cpp or file.top not in PRODUCT + ("bench",):
        return
    if file.path != "worker/risk/risk_gate.hpp":
        yield from file.find(r"\b(?:class|struct)\s+RiskGate\b(?!\s*;)",
                             "RiskGate is in worker/risk/risk_gate.hpp alone")
    if file.path != "worker/risk/approved.hpp":
        yield from file.find(r"\b(?:class|struct)\s+Approved\b(?!\s*;)",
                             "Approved is in worker/risk/approved.hpp alone, and never specialised")
    for number, name, _ in file.includes():
        if name.startswith("tests/support/approve"):
            yield Finding(file.path, number, "approves without the gate: for tests alone")


def sleeping_tests(file):
    pure = ("tests/unit/", "tests/property/", "tests/simulation/")
    if file.path.startswith(pure) and file.is_cpp:
        yield from file.find(SLEEPS, "a unit test waits for nothing")


def shell_from_tests(file):
    if file.top in ("tests", "bench") and file.is_cpp:
        yield from file.find(BANNED[0][0], "system() runs a shell")


NOT_A_VARIABLE = re.compile(
    r"^\s*(?:__extension__\s+)?(?:using|typedef|template|friend|namespace|static_assert|enum|"
    r"struct|class|extern|union|"
    r"public|private|protected|concept|asm|return|goto|\[\[)\b")
DECLARATION = re.compile(r"\w[\s&*>]+\w+(?:\[.*\])?\s*$")
CONSTANT = re.compile(r"\b(?:const|constexpr|consteval)\b")


# What only the build of a test defines.
TEST_ONLY = re.compile(r"^[ \t]*#ifdef BULLPEN_PLANTED_DEFECTS\n.*?^[ \t]*#(?:else|endif)",
                       re.MULTILINE | re.DOTALL)


def mutable_globals(file):
    if file.top not in PRODUCT or not file.is_cpp:
        return
    code = TEST_ONLY.sub(source.blank, file.code)
    for block in source.blocks(code):
        for offset, text in block.statements:
            text = source.PREPROCESSOR.sub(source.blank, text)
            line = source.line_of(code, source.first_code(code, offset))
            head = re.split(r"[={]", text, maxsplit=1)[0]
            if CONSTANT.search(head) or NOT_A_VARIABLE.match(text) or not text.strip():
                continue
            inside = block.kind in ("function", "other")
            if inside and re.match(r"\s*(?:static|thread_local)\b", text):
                yield Finding(file.path, line, "a static that changes is a global")
            elif "(" in head:
                continue  # a function's declaration
            elif block.kind == "type" and re.match(r"\s*(?:inline\s+)?static\b", head):
                yield Finding(file.path, line, "a static member that changes is a global")
            elif block.kind == "namespace" and DECLARATION.search(head):
                yield Finding(file.path, line, "a global that changes")


# --- words -------------------------------------------------------------------------------------

HOSTS = re.compile(
    r"\b(?:deb|ftp|mirrors?|registry|files|proxy|archive|security|snapshot|static|index|repo\d?)"
    r"\.[a-z0-9-]+\.(?:org|com|net|io|dev)\b|\b(?:pypi|crates|npmjs|rubygems)\.(?:org|io|com)\b")


def registry_hosts(file):
    for number, line in enumerate(file.lines, 1):
        if HOSTS.search(line):
            yield Finding(file.path, number, "names a package registry; the machine knows its own")


NOT_ACTING = re.compile(r"\s*(?://.*|#include.*|namespace\b.*|[{}();]*)")


def acting_lines(file):
    return sum(not NOT_ACTING.fullmatch(line) for line in file.lines)


def supervisor_size(files):
    counted = [f for f in files if f.top == "supervisor" and f.suffix == ".cpp"]
    total = sum(map(acting_lines, counted))
    if total >= SUPERVISOR_MAX:
        largest = max(counted, key=acting_lines)
        yield Finding(largest.path, 1, f"supervisor/ has {total} acting lines; the daemon stays "
                                       f"under {SUPERVISOR_MAX}")


# --- pages -------------------------------------------------------------------------------------


def links(file, exists):
    """Every relative link of a page leads to a file."""
    if file.suffix != ".md":
        return
    base = PurePosixPath(file.path).parent
    for number, line in enumerate(file.lines, 1):
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", line):
            if re.match(r"[a-z]+:", target):
                continue
            parts = []
            for part in (base / target).parts:
                if part == "..":
                    if parts:
                        parts.pop()
                elif part != ".":
                    parts.append(part)
            if not exists("/".join(parts)):
                yield Finding(file.path, number, f"leads nowhere: {target}")


def figures(readme, exists):
    """Every figure of the README's table names the program in bench/ that printed it."""
    section = re.search(r"(?ms)^## Figures\n(.*?)(?=^## |\Z)", readme.text)
    if not section:
        yield Finding(readme.path, 1, "the README has no section 'Figures'")
        return
    first = readme.text.count("\n", 0, section.start(1)) + 1
    rows = [(first + i, line) for i, line in enumerate(section.group(1).split("\n"))
            if line.startswith("|")]
    for number, row in rows[2:]:
        programs = re.findall(r"`(bench_\w+)`", row)
        if not programs:
            yield Finding(readme.path, number, "this figure names no program in bench/")
        for program in programs:
            if not (exists(f"bench/{program}.cpp") or exists(f"bench/{program}.py")):
                yield Finding(readme.path, number, f"there is no bench/{program}.cpp or .py")
    if len(rows) < 3:
        yield Finding(readme.path, first, "the table of figures is empty")


def promises(readme, exists):
    """Every test that the README names as a proof is there."""
    section = re.search(r"(?ms)^## What is promised.*?(?=^## |\Z)", readme.text)
    named = re.findall(r"`(unit|property|simulation|integration|fault|e2e)\.(\w+)(?:\.(\w+))?`",
                       section.group(0) if section else "")
    if not named:
        yield Finding(readme.path, 1, "the README names no test that proves a promise")
    for kind, area, name in named:
        path = f"tests/{kind}/{area}" + (f"/{name}_test" if name else "")
        if not any(exists(path + suffix) for suffix in (("", ) if not name else (".cpp", ".py"))):
            yield Finding(readme.path, 1, f"names a test that is not there: {path}")


def gate(readme, in_gate):
    """Every promise of the README has a proof in the gate: in_gate(kind, area, name or "")."""
    section = re.search(r"(?ms)^## What is promised.*?(?=^## |\Z)", readme.text)
    rows = re.findall(r"(?m)^\| ([^|]+) \| ((?:`[^`|]+`[, ]*)+)\|$",
                      section.group(0) if section else "")
    if not rows:
        yield Finding(readme.path, 1, "the README has no table of promises")
    for promise, proofs in rows:
        named = re.findall(r"`(\w+)\.(\w+)(?:\.(\w+))?`", proofs)
        if not any(in_gate(*names) for names in named):
            yield Finding(readme.path, 1, f"no proof of it is in the release gate: {promise}")


def gate_tests(files):
    """What is in the release gate, as (kind, area, name): by a suite's name, or by labels.txt.

    What labels.txt calls slow is too long for the gate and is run before a release by itself."""
    tests = {}
    for f in files:
        found = re.fullmatch(r"tests/(\w+)/(\w+)/(?:.*/)?(\w+)_test\.(?:cpp|py)", f.path)
        if found:
            tests.setdefault(found.groups()[:2], {})[found.group(3)] = f.text
    chosen = set()
    for (kind, area), of_area in tests.items():
        labels = next((f.text for f in files if f.path == f"tests/{kind}/{area}/labels.txt"), "")
        words = [line.split() for line in labels.splitlines() if line.strip()]
        for name, text in of_area.items():
            labelled = any({"critical", "slow"} & set(w[1:]) and
                           w[0].split(".")[0] in ("*", name + "_test") for w in words)
            if labelled or re.search(r'TEST_SUITE\("[a-z ]*critical', text):
                chosen.add((kind, area, name))
    return chosen


FILE_RULES = (line_length, file_length, function_length, header_opening, unfinished,
              include_direction, purity, third_party, expected_named_once, banned_calls,
              account_ports, one_gate, sleeping_tests, shell_from_tests, mutable_globals,
              registry_hosts)
TREE_RULES = (folder_cycles, supervisor_size)
