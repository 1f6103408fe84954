#!/usr/bin/env python3
"""Each rule finds the fault it is there for and leaves a clean file alone."""

import unittest

import rules

CLEAN = """// What this is.
#pragma once
#include <string>
#include "common/base/result.hpp"
namespace bullpen::ipc {
inline constexpr int k_limit = 5;
constexpr std::array<int, 2> k_table = {{1, 2}};
int parse(const std::string& text);
struct Point {
    int x = 0;
    static constexpr int k_zero = 0;
    static Point origin();
};
class Reader {
  public:
    Reader() : value_{1}, other_(2) { value_ = 3; }
    int read() const { return value_; }
  private:
    int value_;
    int other_;
};
inline int twice(int x) {
    static const int k_two = 2;
    auto lambda = [&](int y) { return y * k_two; };
    return lambda(x);
}
extern template class std::vector<int>;
}
"""


def found(rule, path, text):
    return [f.line for f in rule(rules.File(path, text))]


class Rules(unittest.TestCase):
    def test_a_clean_header_passes_every_rule(self):
        for rule in rules.FILE_RULES:
            self.assertEqual(found(rule, "ipc/clean.hpp", CLEAN), [], rule.__name__)

    def test_long_lines(self):
        self.assertEqual(found(rules.line_length, "a.cpp", "x" * 100 + "\n" + "x" * 101), [2])
        table = "// clang-format off\n" + "x" * 110 + "\n// clang-format on\n" + "x" * 110
        self.assertEqual(found(rules.line_length, "a.cpp", table), [4])

    def test_long_files(self):
        self.assertEqual(len(found(rules.file_length, "a.cpp", "\n" * 700)), 1)

    def test_long_functions(self):
        body = "    x();\n" * 69
        self.assertEqual(found(rules.function_length, "a.cpp", "int f() {\n" + body + "}\n"), [1])
        self.assertEqual(found(rules.function_length, "a.cpp",
                               "int f() {\n" + "    x();\n" * 68 + "}\n"), [])
        long_member = "class A {\n  void f() const {\n" + body + "  }\n};\n"
        self.assertEqual(found(rules.function_length, "a.cpp", long_member), [2])
        initialised = "A::A(int x)\n    : x_(x),\n      y_{2} {\n" + body + "}\n"
        self.assertEqual(found(rules.function_length, "a.cpp", initialised), [1])
        suite = 'TEST_SUITE("critical") {\nTEST_CASE("x") {\n' + body + "}\n}\n"
        self.assertEqual(found(rules.function_length, "a.cpp", suite), [2])
        table = "constexpr int k[] = {\n" + "    1,\n" * 90 + "};\n"
        self.assertEqual(found(rules.function_length, "a.cpp", table), [])

    def test_headers_say_what_they_are(self):
        self.assertEqual(len(found(rules.header_opening, "ipc/a.hpp", "#include <string>\n")), 2)

    def test_unfinished_work(self):
        self.assertEqual(found(rules.unfinished, "a.md", "fine\n" + "TO" + "DO: later"), [2])

    def test_include_direction(self):
        check = lambda path, name: found(rules.include_direction, path, f'#include "{name}"\n')
        self.assertEqual(check("worker/a.cpp", "supervisor/fleet/fleet.hpp"), [1])
        self.assertEqual(check("supervisor/fleet/a.cpp", "worker/context.hpp"), [1])
        self.assertEqual(check("common/log/a.cpp", "ipc/message.hpp"), [1])
        self.assertEqual(check("common/base/a.cpp", "common/model/states.hpp"), [1])
        self.assertEqual(check("worker/a.cpp", "context.hpp"), [1])
        self.assertEqual(check("worker/a.cpp", "ipc/message.hpp"), [])

    def test_purity(self):
        check = lambda text: found(rules.purity, "supervisor/fleet/a.cpp", text)
        self.assertEqual(check("#include <unistd.h>\n"), [1])
        self.assertEqual(check('#include "supervisor/process/launcher.hpp"\n'), [1])
        self.assertEqual(check('#include "common/base/clock.hpp"\n#include <vector>\n'), [])

    def test_folder_cycles(self):
        a = rules.File("common/log/a.hpp", '#include "common/time/b.hpp"\n')
        b = rules.File("common/time/b.hpp", '#include "common/log/a.hpp"\n')
        self.assertTrue(list(rules.folder_cycles([a, b])))
        self.assertFalse(list(rules.folder_cycles([a])))

    def test_third_party(self):
        check = lambda name: found(rules.third_party, "ipc/a.hpp", f"#include <{name}>\n")
        for name in ("nlohmann/json.hpp", "zmq.hpp", "zmq.h", "boost/asio.hpp", "zlib.h",
                     "toml++/toml.h", "spdlog/spdlog.h", "systemd/sd-daemon.h", "tl/expected.hpp"):
            self.assertEqual(check(name), [1], name)
        self.assertEqual(found(rules.third_party, "ipc/a_impl.hpp", "#include <zmq.h>\n"), [])
        private = '#include "ipc/a_impl.hpp"\n'
        self.assertEqual(found(rules.third_party, "ipc/a.cpp", private), [])
        self.assertEqual(found(rules.third_party, "ipc/b.hpp", private), [1])
        self.assertEqual(found(rules.third_party, "worker/b.cpp", private), [1])
        for name in ("string", "sys/types.h", "unistd.h", "source_location"):
            self.assertEqual(check(name), [], name)

    def test_expected_is_named_once(self):
        text = "tl::unexpected<E> f();"
        self.assertEqual(found(rules.expected_named_once, "ipc/a.cpp", text), [1])

    def test_banned_calls(self):
        check = lambda text, path="worker/a.cpp": found(rules.banned_calls, path, text)
        for text in ('std::system("ls");', 'system("ls");', "std::regex r;", "localtime_r(&t, &b);",
                     'getenv("HOME");', "std::chrono::steady_clock::now();", "time(nullptr);",
                     "clock_gettime(CLOCK_REALTIME, &t);", "std::mt19937 r;", "rand();"):
            self.assertEqual(check(text), [1], text)
        for text in ("file_system(x);", "// system() is banned", '"getenv(x)"', "clock.time(0);",
                     "auto operand(int);"):
            self.assertEqual(check(text), [], text)
        self.assertEqual(check('getenv("HOME");', "common/config/home.cpp"), [])
        self.assertEqual(check("clock_gettime(CLOCK_REALTIME, &t);", "common/base/clock.cpp"), [])

    def test_ports_beside_an_account(self):
        for text in ("auto p = VenuePort::make(s, i);", "broker::SharePort::make(s);",
                     "broker::ExchangePort port(s);",
                     "std::make_unique<broker::ShadowPort>(name);"):
            self.assertEqual(found(rules.account_ports, "worker/a.cpp", text), [1], text)
            for path in ("worker/account_ports.cpp", "worker/broker/venue_port.cpp",
                         "tests/unit/broker/a_test.cpp"):
                self.assertEqual(found(rules.account_ports, path, text), [], path)
        text = "std::unique_ptr<broker::ShadowPort> shadow_;"
        self.assertEqual(found(rules.account_ports, "worker/a.hpp", text), [])

    def test_a_second_gate(self):
        for text in ("class RiskGate {", "struct RiskGate final {", "class Approved<Terms> {",
                     '#include "tests/support/approve.hpp"'):
            self.assertEqual(found(rules.one_gate, "worker/a.cpp", text), [1], text)
        self.assertEqual(found(rules.one_gate, "worker/a.cpp", "class RiskGate;"), [])
        for path in ("worker/risk/risk_gate.hpp", "tests/support/approve.hpp"):
            self.assertEqual(found(rules.one_gate, path, "class RiskGate {"), [], path)

    def test_sleeping_tests(self):
        text = "std::this_thread::sleep_for(1ms);"
        path = "tests/unit/base/a_test.cpp"
        self.assertEqual(found(rules.sleeping_tests, path, text), [1])
        self.assertEqual(found(rules.sleeping_tests, path, "asleep(1);"), [])

    def test_shells(self):
        self.assertEqual(found(rules.shell_from_tests, "tests/a.cpp", 'system("ls");'), [1])

    def test_mutable_globals(self):
        check = lambda text: found(rules.mutable_globals, "worker/a.cpp", text)
        for text in ("int counter = 0;", "namespace a {\nint x;\n}", "std::atomic<bool> d{false};",
                     "static std::string name;", "int f() {\n    static int calls = 0;\n}",
                     "class A {\n  static int count;\n};", "thread_local int depth = 0;",
                     "int table[4];", "std::map<int, int> cache;"):
            self.assertEqual(len(check(text)), 1, text)
        for text in ("const int k = 0;", "int f();", "using A = int;", "class A;",
                     "static int f();", "extern char** environ;",
                     "int f() {\n    static const int k = g();\n}",
                     "constexpr auto k_x = [] { int y = 0; return y; }();",
                     "struct A { int x; };", "enum class E : int { a, b };",
                     "A& A::operator=(A&&) noexcept = default;"):
            self.assertEqual(check(text), [], text)

    def test_registry_hosts(self):
        host = ".".join(("deb", "example", "org"))
        self.assertEqual(found(rules.registry_hosts, "dev", f"curl {host}/x"), [1])
        self.assertEqual(found(rules.registry_hosts, "dev", "apt-get update"), [])

    def test_the_daemon_stays_small(self):
        big = rules.File("supervisor/a.cpp", "act();\n" * rules.SUPERVISOR_MAX)
        self.assertTrue(list(rules.supervisor_size([big])))
        idle = rules.File("supervisor/a.cpp", "// why\n\n}\n" * rules.SUPERVISOR_MAX)
        self.assertFalse(list(rules.supervisor_size([idle])))

    def test_dead_links(self):
        page = rules.File("docs/a/b.md", "[x](../c.md) [y](d.md#part) [z](https://example.com)\n")
        there = {"docs/c.md"}
        self.assertEqual([f.text for f in rules.links(page, there.__contains__)],
                         ["leads nowhere: d.md"])

    def test_figures_without_a_program(self):
        table = "## Figures\n\n| a | by |\n|---|---|\n| start | `bench_start` |\n| x | none |\n"
        page = rules.File("README.md", table)
        self.assertEqual(len(list(rules.figures(page, lambda path: False))), 2)
        self.assertEqual(len(list(rules.figures(page, lambda path: True))), 1)

    def test_promises_without_a_test(self):
        text = "## What is promised\n\n| a | `unit.base.home`, `fault.none` |\n\n## Next\n"
        page = rules.File("README.md", text)
        there = {"tests/unit/base/home_test.cpp"}
        self.assertEqual(len(list(rules.promises(page, there.__contains__))), 1)
        self.assertTrue(list(rules.promises(rules.File("README.md", "none"), lambda path: True)))

    def test_promises_without_a_proof_in_the_release_gate(self):
        text = ("## What is promised\n\n| promise | tests |\n|---|---|\n"
                "| a | `unit.base`, `unit.docs` |\n| b | `fault.disk.full` |\n| c | `unit.log` |\n")
        chosen = rules.gate_tests([
            rules.File("tests/unit/base/labels.txt", "* timeout=20\n"),
            rules.File("tests/unit/base/home_test.cpp", 'TEST_SUITE("critical") {}\n'),
            rules.File("tests/unit/log/line_test.cpp", "\n"),
            rules.File("tests/fault/disk/labels.txt", "full_test.py critical serial\n"),
            rules.File("tests/fault/disk/full_test.py", "\n"),
            rules.File("tests/fault/disk/slow_test.py", "\n")])
        self.assertEqual(chosen, {("unit", "base", "home"), ("fault", "disk", "full")})
        found = list(rules.gate(rules.File("README.md", text), lambda kind, area, name: any(
            (kind, area) == one[:2] and name in ("", one[2]) for one in chosen)))
        self.assertEqual([str(f).split()[-1] for f in found], ["c"])
        self.assertTrue(list(rules.gate(rules.File("README.md", ""), lambda *names: True)))


if __name__ == "__main__":
    unittest.main()
