#include "common/sandbox/filter.hpp"

#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "common/base/descriptor.hpp"

namespace bullpen::sandbox {

namespace {

constexpr std::uint64_t k_thread = CLONE_VM | CLONE_THREAD;
// A comparison for every call would make each slower than a search does.
constexpr std::uint32_t k_as_a_tree = 2;

std::uint32_t action(Verdict verdict) {
    switch (verdict) {
        case Verdict::allow: break;
        case Verdict::refuse: return SCMP_ACT_ERRNO(EPERM);
        case Verdict::absent: return SCMP_ACT_ERRNO(ENOSYS);
        case Verdict::none: return SCMP_ACT_ERRNO(ENOTSUP);
    }
    return SCMP_ACT_ALLOW;
}

int number_of(const char* name) {
    return seccomp_syscall_resolve_name(name);
}

Unexpected failed(int error, const char* what) {
    return fail(Error::from_errno(-error, what));
}

}  // namespace

CallFilter::CallFilter(Verdict otherwise) : context_(seccomp_init(action(otherwise))) {
    if (context_ == nullptr) {
        error_ = -ENOMEM;
        return;
    }
    error_ = seccomp_attr_set(context_, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(EPERM));
    if (error_ == 0)
        error_ = seccomp_attr_set(context_, SCMP_FLTATR_CTL_OPTIMIZE, k_as_a_tree);
}

CallFilter::~CallFilter() {
    if (context_ != nullptr)
        seccomp_release(context_);
}

void CallFilter::add(Verdict verdict, const char* name) {
    const int number = number_of(name);
    if (number >= 0 && error_ == 0)
        error_ = seccomp_rule_add_array(context_, action(verdict), number, 0, nullptr);
}

void CallFilter::add(Verdict verdict, const char* name, Argument argument) {
    const int number = number_of(name);
    const scmp_arg_cmp condition{argument.index, SCMP_CMP_MASKED_EQ, argument.mask, argument.value};
    if (number >= 0 && error_ == 0)
        error_ = seccomp_rule_add_array(context_, action(verdict), number, 1, &condition);
}

void CallFilter::add(Verdict verdict, std::initializer_list<const char*> names) {
    for (const char* const name : names)
        add(verdict, name);
}

void CallFilter::allow_threads() {
    add(Verdict::allow, "clone", {0, k_thread, k_thread});
    // Its arguments cannot be looked at; told that there is no such call, the C library takes
    // clone.
    add(Verdict::absent, "clone3");
}

void CallFilter::refuse_processes() {
    add(Verdict::refuse, {"fork", "vfork", "execve", "execveat"});
    add(Verdict::absent, "clone3");
    add(Verdict::refuse, "clone", {0, CLONE_THREAD, 0});
}

// libseccomp 2.5 writes to descriptors only.
Result<Program> CallFilter::program() {
    if (error_ != 0)
        return failed(error_, "the filter of system calls takes no such rule");
    const Descriptor file(::memfd_create("calls", MFD_CLOEXEC));
    if (!file.valid())
        return fail_errno("cannot make a file in memory");
    if (const int error = seccomp_export_bpf(context_, file.get()); error != 0)
        return failed(error, "the filter of system calls cannot be put together");
    struct stat facts {};
    if (::fstat(file.get(), &facts) != 0)
        return fail_errno("cannot look at a file in memory");
    Program program(static_cast<std::size_t>(facts.st_size) / sizeof(sock_filter));
    const auto size = static_cast<ssize_t>(program.size() * sizeof(sock_filter));
    if (::pread(file.get(), program.data(), static_cast<std::size_t>(size), 0) != size)
        return fail_errno("cannot read a file in memory");
    return program;
}

Result<void> CallFilter::load() {
    if (error_ == 0)
        error_ = seccomp_load(context_);
    if (error_ != 0)
        return failed(error_, "system calls cannot be filtered");
    return {};
}

bool seccomp_available() {
    return ::prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
}

}  // namespace bullpen::sandbox
