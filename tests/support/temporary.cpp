#include "tests/support/temporary.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "common/base/assert.hpp"
#include "common/base/descriptor.hpp"

namespace bullpen::test {

namespace {

constexpr std::size_t k_file_size_max = 256U << 20U;

Home home_at(const std::string& path) {
    auto home = Home::at(path);
    BULLPEN_ASSERT(home.has_value(), "a temporary path fits a socket address");
    return *home;
}

}  // namespace

TemporaryDirectory::TemporaryDirectory() {
    const char* base = std::getenv("TMPDIR");
    std::string pattern = std::string(base != nullptr ? base : "/tmp") + "/bp.XXXXXX";
    BULLPEN_ASSERT(::mkdtemp(pattern.data()) != nullptr, "a temporary directory can be made");
    path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
    if (std::getenv("BULLPEN_TEST_KEEP") != nullptr) {
        std::printf("kept: %s\n", path_.c_str());
        return;
    }
    std::error_code ignored;  // a test may have left a mount or a lost permission behind
    std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryDirectory::file(std::string_view name) const {
    return path_ + "/" + std::string(name);
}

TemporaryHome::TemporaryHome() : home_(home_at(directory_.file("home"))) {
    for (const auto& path : {home_.roster(), home_.locks(), home_.accounts(), home_.shared(),
                             home_.logs(), home_.run(), home_.secrets()})
        BULLPEN_ASSERT(make_directories(path, 0700).has_value(), "a home's folders can be made");
    settings("");
}

void TemporaryHome::settings(std::string_view toml) const {
    write_text(home_.daemon_settings(), toml);
}

void TemporaryHome::account(const AccountId& id, std::string_view toml) const {
    write_text(home_.account(id).roster_file, toml);
}

void write_text(const std::string& path, std::string_view text) {
    auto file = open_file(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    BULLPEN_ASSERT(file.has_value(), "a test's own file can be opened");
    BULLPEN_ASSERT(write_all(file->get(), text).has_value(), "a test's own file can be written");
}

std::string read_text(const std::string& path) {
    auto text = read_file(path, k_file_size_max);
    return text ? *text : std::string();
}

AccountId account_id(std::string_view text) {
    auto id = AccountId::parse(text);
    BULLPEN_ASSERT(id.has_value(), "a test's account name is well-formed");
    return *id;
}

}  // namespace bullpen::test
