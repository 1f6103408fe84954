#include "common/sandbox/call_table.hpp"

#include <doctest/doctest.h>
#include <rapidcheck.h>
#include <seccomp.h>

#include <cerrno>
#include <map>
#include <string>

#include "tests/support/filter_machine.hpp"

namespace bullpen::sandbox {
namespace {

constexpr int k_numbers = 600;

std::uint32_t answer(Verdict verdict) {
    switch (verdict) {
        case Verdict::allow: break;
        case Verdict::refuse: return SECCOMP_RET_ERRNO | EPERM;
        case Verdict::absent: return SECCOMP_RET_ERRNO | ENOSYS;
        case Verdict::none: return SECCOMP_RET_ERRNO | ENOTSUP;
    }
    return SECCOMP_RET_ALLOW;
}

// Of this machine's calls.
std::map<int, std::string> names() {
    std::map<int, std::string> found;
    for (int number = 0; number < k_numbers; ++number) {
        char* const name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
        if (name != nullptr)
            found.emplace(number, name);
        std::free(name);
    }
    return found;
}

// One with an argument is refused with that value and gets what others get without.
struct Rule {
    Verdict verdict;
    bool on_argument;
    std::uint32_t value;
};

TEST_CASE("a program says to every call what its table says, however many rules there are") {
    const auto all = names();
    REQUIRE(all.size() > 300);
    CHECK(rc::check("the rule of a call, or what is said otherwise", [&] {
        const auto verdicts =
            rc::gen::element(Verdict::allow, Verdict::refuse, Verdict::absent, Verdict::none);
        const Verdict otherwise = *verdicts;
        const auto one_in = *rc::gen::element(1, 2, 5, 40);
        CallTable table(otherwise);
        std::map<int, Rule> rules;
        for (const auto& [number, name] : all) {
            if (*rc::gen::inRange(0, one_in) != 0)
                continue;
            const Rule rule{*verdicts, *rc::gen::arbitrary<bool>(),
                            *rc::gen::inRange<std::uint32_t>(0, 9)};
            rules[number] = rule;
            if (rule.on_argument)
                table.add_if(rule.verdict, name.c_str(), {2, k_every_bit, {rule.value, 77}});
            else
                table.add(rule.verdict, {name.c_str()});
        }
        const auto program = table.program();
        RC_ASSERT(program.size() <= std::size_t{BPF_MAXINSNS});
        const auto value = *rc::gen::inRange<std::uint32_t>(0, 9);
        for (int number = 0; number < k_numbers; ++number) {
            const auto judged =
                test::judge(program, {number, seccomp_arch_native(), 0, {0, 0, value, 0, 0, 0}});
            const auto rule = rules.find(number);
            const bool holds =
                rule != rules.end() && (!rule->second.on_argument || rule->second.value == value);
            RC_ASSERT(judged.answer == answer(holds ? rule->second.verdict : otherwise));
        }
    }));
}

}  // namespace
}  // namespace bullpen::sandbox
