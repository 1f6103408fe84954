// What the kernel keeps a process from, as it is in force: told in the account's lock file, on the
// status board and by bullpenctl.
#pragma once

namespace bullpen::sandbox {

struct Isolation {
    int landlock = 0;             // the version in force; 0: none
    bool calls_filtered = false;  // by seccomp
    bool own_user = false;        // it is no other account's, nor the home's

    [[nodiscard]] bool whole() const { return landlock > 0 && calls_filtered; }
    friend bool operator==(const Isolation&, const Isolation&) = default;
};

}  // namespace bullpen::sandbox
