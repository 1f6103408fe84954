// Run: one run of the operator's program for an alert: the alert on its standard input, the end by
// its exit code, killed with all it started when its time is over. One thread.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "common/base/clock.hpp"
#include "common/base/descriptor.hpp"
#include "common/base/result.hpp"

namespace bullpen::notify {

struct RunEnd {
    bool well = false;      // exit code 0
    bool answered = false;  // it ended by itself
    std::string said;       // how it ended, and the beginning of what it printed
};

class Run {
  public:
    static constexpr std::size_t k_output_max = 200;  // bytes that are kept

    // `root` is what it finds as BULLPEN_HOME.
    static Result<Run> start(const std::vector<std::string>& command, const std::string& input,
                             const std::string& root, MonoTime deadline);
    Run(Run&& other) noexcept;
    Run& operator=(Run&&) = delete;
    // Kills what still runs.
    ~Run();

    // Readable at news.
    [[nodiscard]] int output() const { return output_.get(); }
    [[nodiscard]] int process() const { return process_.get(); }
    [[nodiscard]] MonoTime deadline() const { return deadline_; }
    // True when it has ended, and `end` says how.
    bool look(MonoTime now, RunEnd* end);

  private:
    Run(pid_t pid, Descriptor process, Descriptor output, MonoTime deadline);
    void read_output();
    void kill();

    pid_t pid_;  // 0: reaped
    Descriptor process_;
    Descriptor output_;
    MonoTime deadline_;
    std::string printed_;
    bool killed_ = false;
};

}  // namespace bullpen::notify
