#include "common/sandbox/call_table.hpp"

#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <span>
#include <string_view>

namespace bullpen::sandbox {

namespace {

constexpr std::uint32_t k_thread = CLONE_VM | CLONE_THREAD;
// From here on calls are those of x32.
constexpr std::uint32_t k_other_architecture = 0x4000'0000;
// Beyond the numbers that any kernel of today has.
constexpr std::uint32_t k_calls = 512;
// What a conditional jump can leave out.
constexpr std::size_t k_jump_max = 255;

// Calls that are newer than the library. They have one number on all architectures.
struct Newer {
    std::string_view name;
    int number;
};
constexpr std::array k_newer{Newer{"fchmodat2", 452}, Newer{"setxattrat", 463},
                             Newer{"removexattrat", 466}, Newer{"open_tree_attr", 467},
                             Newer{"file_setattr", 469}};

// Below 0 for a call that this architecture does not have.
int number_of(const char* name) {
    const auto* const found = std::find_if(k_newer.begin(), k_newer.end(),
                                           [&](const Newer& newer) { return newer.name == name; });
    return found == k_newer.end() ? seccomp_syscall_resolve_name(name) : found->number;
}

constexpr std::uint32_t action(Verdict verdict) {
    switch (verdict) {
        case Verdict::allow: break;
        case Verdict::refuse: return SECCOMP_RET_ERRNO | EPERM;
        case Verdict::absent: return SECCOMP_RET_ERRNO | ENOSYS;
        case Verdict::none: return SECCOMP_RET_ERRNO | ENOTSUP;
        case Verdict::closed: return SECCOMP_RET_ERRNO | EBADF;
        case Verdict::done: return SECCOMP_RET_ERRNO | 0;
    }
    return SECCOMP_RET_ALLOW;
}

sock_filter answer(Verdict verdict) {
    return BPF_STMT(BPF_RET | BPF_K, action(verdict));
}
sock_filter load_word(std::size_t at) {
    return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(at));
}
sock_filter load_argument(unsigned index) {
    return load_word(offsetof(seccomp_data, args) + index * sizeof(std::uint64_t));
}
sock_filter keep_bits(std::uint32_t mask) {
    return BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask);
}
sock_filter if_equal(std::uint32_t value, std::size_t skip) {
    return BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, static_cast<std::uint8_t>(skip), 0);
}

// Goes on where the argument has one of the values, and otherwise leaves out so many.
Program look_at(const Argument& argument, std::size_t otherwise_skip) {
    Program look{load_argument(argument.index)};
    if (argument.mask != k_every_bit)
        look.push_back(keep_bits(argument.mask));
    std::size_t left = argument.values.size();
    for (const auto value : argument.values)
        look.push_back(if_equal(value, --left));
    look.back().jf = static_cast<std::uint8_t>(otherwise_skip);
    return look;
}

// Calls with one rule: those from `first` up to the next part's.
struct Part {
    std::uint32_t first;
    Program rule;
};

bool same(const Program& a, const Program& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& one, const auto& two) {
        return one.code == two.code && one.jt == two.jt && one.jf == two.jf && one.k == two.k;
    });
}

void begin_part(std::vector<Part>& parts, std::uint32_t first, const Program& rule) {
    if (!parts.empty() && parts.back().first == first)
        parts.pop_back();
    if (parts.empty() || !same(parts.back().rule, rule))
        parts.push_back({first, rule});
}

// At the part that divides the calls into halves, as nearly as can be.
std::size_t middle(std::span<const Part> parts, std::uint32_t end) {
    const auto first = std::min(parts.front().first, k_calls);
    const auto half = first + (std::min(end, k_calls) - first) / 2;
    std::size_t best = 1;
    const auto distance = [&](std::size_t at) {
        const auto start = std::min(parts[at].first, k_calls);
        return start > half ? start - half : half - start;
    };
    for (std::size_t at = 2; at < parts.size(); ++at) {
        if (distance(at) < distance(best))
            best = at;
    }
    return best;
}

// A program whose parts are put together from its end: all jumps lead forward, and what is there
// already can be shared by all that is near enough to jump to it. Places count from the end.
class Backwards {
  public:
    // Finds the part of a call whose number is in the accumulator. `end` is the first call beyond
    // the parts. Returns its place.
    std::size_t search(std::span<const Part> parts, std::uint32_t end) {
        if (parts.size() == 1)
            return rule(parts.front().rule);
        const auto at = middle(parts, end);
        const auto pivot = parts[at].first;
        const auto above = parts.subspan(at);
        const auto below = parts.first(at);
        // Of a single part there may be a copy near by, once all else is in place.
        auto up = above.size() > 1 ? search(above, end) : 0;
        auto down = below.size() > 1 ? search(below, pivot) : 0;
        if (above.size() == 1)
            up = rule(above.front().rule);
        if (below.size() == 1)
            down = rule(below.front().rule);
        up = within_reach(up);
        down = within_reach(down);
        return push(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, pivot, distance(up), distance(down)));
    }
    void prepend(const Program& program) {
        for (auto at = program.rbegin(); at != program.rend(); ++at)
            push(*at);
    }
    [[nodiscard]] Program program() const { return {reversed_.rbegin(), reversed_.rend()}; }

  private:
    std::size_t push(sock_filter instruction) {
        reversed_.push_back(instruction);
        return reversed_.size() - 1;
    }
    // To a place, from the instruction that is pushed next.
    [[nodiscard]] std::size_t steps(std::size_t place) const {
        return reversed_.size() - place - 1;
    }
    [[nodiscard]] std::uint8_t distance(std::size_t place) const {
        return static_cast<std::uint8_t>(steps(place));
    }
    // Two more instructions may come before the jump.
    [[nodiscard]] bool is_near(std::size_t place) const { return steps(place) + 2 <= k_jump_max; }

    std::size_t rule(const Program& rule) {
        const auto copy = std::find_if(rules_.rbegin(), rules_.rend(),
                                       [&](const auto& known) { return same(*known.first, rule); });
        if (copy != rules_.rend() && is_near(copy->second))
            return copy->second;
        prepend(rule);
        rules_.emplace_back(&rule, reversed_.size() - 1);
        return reversed_.size() - 1;
    }
    std::size_t within_reach(std::size_t place) {
        if (is_near(place))
            return place;
        return push(BPF_STMT(BPF_JMP | BPF_JA, static_cast<std::uint32_t>(steps(place))));
    }

    Program reversed_;
    std::vector<std::pair<const Program*, std::size_t>> rules_;  // with their places
};

}  // namespace

void CallTable::set(const char* name, Program rule) {
    if (const int number = number_of(name); number >= 0)
        rules_[static_cast<std::uint32_t>(number)] = std::move(rule);
}

void CallTable::add(Verdict verdict, std::initializer_list<const char*> names) {
    for (const char* const name : names)
        set(name, {answer(verdict)});
}

void CallTable::add_if(Verdict verdict, const char* name, const Argument& argument) {
    add_cases(name, {{verdict, {argument}}});
}

void CallTable::add_cases(const char* name, const std::vector<Case>& cases) {
    Program rule;
    for (const auto& [verdict, all] : cases) {
        Program one{answer(verdict)};
        for (auto argument = all.rbegin(); argument != all.rend(); ++argument) {
            const auto look = look_at(*argument, one.size());
            one.insert(one.begin(), look.begin(), look.end());
        }
        rule.insert(rule.end(), one.begin(), one.end());
    }
    rule.push_back(answer(otherwise_));
    set(name, std::move(rule));
}

void CallTable::refuse_bits(const char* name, unsigned index, std::uint32_t bits) {
    set(name, {load_argument(index), keep_bits(bits), if_equal(0, 1), answer(Verdict::refuse),
               answer(otherwise_)});
}

void CallTable::only(const char* name, std::initializer_list<Equal> any,
                     std::optional<Equal> must) {
    Program rule;
    if (must) {
        rule.push_back(load_argument(must->index));
        rule.push_back(if_equal(must->value, 1));
        rule.push_back(answer(Verdict::refuse));
    }
    std::size_t left = any.size();
    for (const auto& [index, value] : any) {
        rule.push_back(load_argument(index));
        --left;
        rule.push_back(if_equal(value, 2 * left + 1));
    }
    rule.push_back(answer(Verdict::refuse));
    rule.push_back(answer(Verdict::allow));
    set(name, std::move(rule));
}

// The arguments of clone3 cannot be looked at; told that there is no such call, the C library takes
// clone.
void CallTable::allow_threads() {
    add_if(Verdict::allow, "clone", {0, k_thread, {k_thread}});
    add(Verdict::absent, {"clone3"});
}

void CallTable::refuse_processes() {
    add(Verdict::refuse, {"fork", "vfork", "execve", "execveat"});
    add_if(Verdict::refuse, "clone", {0, CLONE_THREAD, {0}});
    add(Verdict::absent, {"clone3"});
}

Program CallTable::program() const {
    const Program usual{answer(otherwise_)};
    std::vector<Part> parts{{0, usual}};
    for (const auto& [number, rule] : rules_) {
        begin_part(parts, number, rule);
        begin_part(parts, number + 1, usual);
    }
    begin_part(parts, k_other_architecture, {answer(Verdict::refuse)});
    Backwards program;
    program.search(parts, k_every_bit);
    program.prepend({load_word(offsetof(seccomp_data, arch)), if_equal(seccomp_arch_native(), 1),
                     answer(Verdict::refuse), load_word(offsetof(seccomp_data, nr))});
    return program.program();
}

Result<void> load(Program program) {
    const sock_fprog loaded{static_cast<unsigned short>(program.size()), program.data()};
    if (::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &loaded) != 0)
        return fail_errno("system calls cannot be filtered");
    return {};
}

bool seccomp_available() {
    return ::prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
}

}  // namespace bullpen::sandbox
