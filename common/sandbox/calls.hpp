// The filter of system calls: what no account needs, and what Landlock leaves free. It is put
// together where memory may be used, and loaded by the process that it is for.
//
// Any thread.
#pragma once

#include <array>
#include <cstdint>

#include "common/base/result.hpp"
#include "common/sandbox/call_table.hpp"

namespace bullpen::sandbox {

// What a process is let do although it reaches beyond itself.
struct CallsAllowed {
    bool truncate = false;  // by name: from version 3 on Landlock says which files
    bool signals = false;   // to others: from version 6 on Landlock says which
    bool chmod = false;     // modes, owners, times and attributes of files
    bool sessions = false;  // leave the session by which the daemon knows the account's processes
    bool watches = false;   // be told what happens in directories: Landlock does not say which
    bool network = true;    // sockets of any kind; otherwise those that stay on this host (AF_UNIX)
    bool locks = true;      // take and let go of locks of open files, and of k_kept_descriptors
    friend auto operator<=>(const CallsAllowed&, const CallsAllowed&) = default;
};

// What a process that may not let go of its locks has them at. It can neither close these, nor put
// another file there, nor have an exec close them; who tries to close one is told that it went
// well. Both must be open: what a program itself got at such a number would never be closed. They
// are the last of the table that the kernel gives every process, so that they cost nothing and
// leave the low ones to scripts.
inline constexpr std::array k_kept_descriptors{62, 63};

// In an instruction's operand: the number of the process that loads the program, and of its group
// as kill() takes it.
inline constexpr std::uint32_t k_own_process = 0x7FFF'FFF1;
inline constexpr std::uint32_t k_own_group = 0x7FFF'FFF2;

// Denied with EPERM, or with what makes a program take another way. All architectures but the one
// this is built for are denied everything. Calls that name a process are for the process itself,
// its own threads and its group.
Program calls_filter(const CallsAllowed& allowed);

// Of a process that root started: it keeps root's files, and nothing else of what root may. Some of
// that (CAP_PERFMON) reaches past Landlock. The calling thread and what it starts.
// `but_reading`: it keeps the right to read every file of its users, if it has that.
Result<void> give_up_capabilities(bool but_reading = false);

// Loads calls_filter into this process, with its own number in it.
Result<void> filter_own_calls(const CallsAllowed& allowed);

// From here on this process starts no program and no other process. Before any thread is started.
Result<void> refuse_new_programs();

// Puts the process's number where the program asks for it. Safe between clone and exec.
void put_in(sock_filter* program, std::size_t count, std::uint32_t process) noexcept;

// A sanitizer keeps shadow memory and calls the system in its own ways: nothing is filtered.
bool calls_can_be_filtered();

}  // namespace bullpen::sandbox
