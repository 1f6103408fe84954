// What the parts of the hostile worker (hostile.cpp) share.
#pragma once

#include <cerrno>
#include <fstream>
#include <functional>
#include <string>

namespace hostile {

// Notes each attempt and how it ended.
class Attempts {
  public:
    explicit Attempts(const std::string& path) : out_(path, std::ios::app) {}
    // `what` returns below 0, with errno set, where it failed.
    void attempt(const std::string& name, const std::function<long()>& what) {
        errno = 0;
        const long result = what();
        const int error = errno;
        out_ << name << ' ' << (result < 0 ? error : 0) << std::endl;
    }
    void end() { out_ << "end" << std::endl; }

  private:
    std::ofstream out_;
};

// Ways of a program of its own to be rid of its account's locks; `program` is its path.
void locks(Attempts& all, const std::string& program);
// What the program, started anew with this word by an attempt, ends with.
int exit_code_of(const std::string& word);

}  // namespace hostile
