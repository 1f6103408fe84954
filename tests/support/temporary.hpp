// Directories that last as long as a test. Their paths are short, so that sockets below them fit a
// socket address, and new for each object, so that tests run side by side.
#pragma once

#include <string>
#include <string_view>

#include "common/base/home.hpp"

namespace bullpen::test {

// An empty directory with mode 0700, removed with all it holds; kept, and its path printed, when
// $BULLPEN_TEST_KEEP is set.
class TemporaryDirectory {
  public:
    TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    ~TemporaryDirectory();

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::string file(std::string_view name) const;

  private:
    std::string path_;
};

// A Bullpen home with its folders made: empty bullpen.toml, no accounts.
class TemporaryHome {
  public:
    TemporaryHome();

    [[nodiscard]] const Home& home() const { return home_; }
    [[nodiscard]] const std::string& path() const { return home_.root(); }
    // Writes bullpen.toml.
    void settings(std::string_view toml) const;
    // Writes accounts.d/<account>.toml.
    void account(const AccountId& id, std::string_view toml) const;

  private:
    TemporaryDirectory directory_;
    Home home_;
};

// Writes a file whole, or ends the test program: for preparing what a test looks at.
void write_text(const std::string& path, std::string_view text);
// Reads a file whole; empty when it cannot be read.
std::string read_text(const std::string& path);
// The id of an account whose name the test knows to be well-formed.
AccountId account_id(std::string_view text);

}  // namespace bullpen::test
