// A child process with a pipe to its standard output, for tests that kill.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/base/descriptor.hpp"

namespace bullpen::test {

class Child {
  public:
    // `inherited` maps numbers in the child to descriptors here. The environment is PATH and
    // `environment`, nothing else.
    explicit Child(std::vector<std::string> argv, const std::map<int, int>& inherited = {},
                   const std::map<std::string, std::string>& environment = {});
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    // Kills and reaps.
    ~Child();

    [[nodiscard]] pid_t pid() const { return pid_; }
    // The next line it prints; nothing at its end or after the deadline.
    std::optional<std::string> line();
    void write(const std::string& text);
    void signal(int number) const;
    // Waits for its end: the exit code, or minus the signal; nothing after the deadline.
    std::optional<int> wait();

  private:
    pid_t pid_ = -1;
    bool reaped_ = false;
    Descriptor out_;
    Descriptor in_;
    std::string buffer_;
};

}  // namespace bullpen::test
