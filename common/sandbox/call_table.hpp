// CallTable: what is said to each system call, made into a program that the kernel runs for every
// call of a process. It is put together where memory may be used; the process that it is for loads
// it, once and for ever, for the calling thread and all that it starts. Any thread.
//
// The kernel compiles what it is given and runs it for each call there is, to learn which ones it
// need not ask about; a launch waits for that. So the program finds a call by a search.
//
// Source: the kernel's Documentation/userspace-api/seccomp_filter.rst. Names of calls are
// libseccomp's.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <vector>

#include "common/base/result.hpp"

namespace bullpen::sandbox {

using Program = std::vector<sock_filter>;

enum class Verdict : std::uint8_t {
    allow,
    refuse,  // EPERM
    absent,  // ENOSYS: programs take the older call
    none,    // ENOTSUP: programs go on without
    closed,  // EBADF: as if it named no descriptor that could be
    done,    // 0, and nothing is done
};

// Arguments are looked at by their lower 32 bits: all that the kernel takes of those named here.
inline constexpr std::uint32_t k_every_bit = 0xFFFF'FFFF;

// Holds when those bits of the argument are one of the values.
struct Argument {
    unsigned index = 0;
    std::uint32_t mask = k_every_bit;
    std::vector<std::uint32_t> values;
};

// What is said when all of them hold; without one, always.
struct Case {
    Verdict verdict = Verdict::refuse;
    std::vector<Argument> all;
};

// An argument with that value.
struct Equal {
    unsigned index = 0;
    std::uint32_t value = 0;
};

class CallTable {
  public:
    // What is said to calls without a rule. Those of another architecture are refused.
    explicit CallTable(Verdict otherwise) : otherwise_(otherwise) {}

    // A name that this machine's kernel does not have needs no rule; the last rule of a call is
    // its rule.
    void add(Verdict verdict, std::initializer_list<const char*> names);
    // Without it, what is said to calls without a rule.
    void add_if(Verdict verdict, const char* name, const Argument& argument);
    // The first that holds; without one, what is said to calls without a rule.
    void add_cases(const char* name, const std::vector<Case>& cases);
    // Refused when the argument has any of those bits; otherwise as a call without a rule.
    void refuse_bits(const char* name, unsigned index, std::uint32_t bits);
    // Allowed if one of `any` holds, and `must` if there is one; refused otherwise.
    void only(const char* name, std::initializer_list<Equal> any,
              std::optional<Equal> must = std::nullopt);
    // The call makes threads of this process, and no new processes.
    void allow_threads();
    void refuse_processes();

    [[nodiscard]] Program program() const;

  private:
    void set(const char* name, Program rule);

    Verdict otherwise_;
    std::map<std::uint32_t, Program> rules_;  // by number; each ends in an answer
};

// Of the calling thread and what it starts. It must have given up new privileges.
Result<void> load(Program program);

// Whether the kernel filters calls at all.
bool seccomp_available();

}  // namespace bullpen::sandbox
