// Progress: a bar on stderr while something takes long; nothing where stderr is no terminal.
#pragma once

#include <mutex>
#include <string>

namespace bullpen::tools {

class Progress {
  public:
    // `shown`: whether to show anything at all, on a terminal.
    explicit Progress(bool shown);
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress() { clear(); }

    // `share` from 0 to 1, with a few words behind it. Any thread.
    void show(double share, const std::string& words);
    // Takes the bar away.
    void clear();

  private:
    bool shown_;
    std::mutex mutex_;
    std::string line_;  // what stands there
};

}  // namespace bullpen::tools
