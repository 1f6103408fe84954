// A filter of system calls as libseccomp makes it. Rules are added one by one; the first that
// cannot be added makes program() and load() fail. Any thread; what is loaded holds for the calling
// thread and all that it starts.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"

namespace bullpen::sandbox {

using Program = std::vector<sock_filter>;

enum class Verdict : std::uint8_t {
    allow,
    refuse,  // EPERM
    absent,  // ENOSYS: programs take the older call
    none,    // ENOTSUP: programs go on without
};

// Holds when the bits of `mask` in the argument are those of `value`.
struct Argument {
    unsigned index = 0;
    std::uint64_t mask = 0;
    std::uint64_t value = 0;
};

class CallFilter {
  public:
    explicit CallFilter(Verdict otherwise);
    CallFilter(const CallFilter&) = delete;
    CallFilter& operator=(const CallFilter&) = delete;
    ~CallFilter();

    // A name that this machine's kernel does not have needs no rule.
    void add(Verdict verdict, const char* name);
    void add(Verdict verdict, const char* name, Argument argument);
    void add(Verdict verdict, std::initializer_list<const char*> names);
    // The call makes threads of this process, and no new processes.
    void allow_threads();
    void refuse_processes();

    Result<Program> program();
    Result<void> load();

  private:
    void* context_;  // libseccomp's
    int error_ = 0;  // of the first rule that failed, negative
};

// Whether the kernel filters calls at all.
bool seccomp_available();

}  // namespace bullpen::sandbox
