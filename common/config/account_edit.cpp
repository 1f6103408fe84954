// Making and changing account files, for `bullpenctl add`, `enable`, `disable` and `rename`.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "common/base/errc.hpp"
#include "common/config/careful_file.hpp"
#include "common/config/home_setup.hpp"
#include "common/config/roster_files.hpp"

namespace bullpen::config {

namespace {

constexpr mode_t k_account_file_mode = 0640;

std::string path_beside(const Home& home, const AccountId& account) {
    // Hidden, so that a reader of accounts.d passes over it.
    return home.roster() + "/." + account.str() + ".new." + std::to_string(::getpid());
}

Result<void> write_file(const std::string& path, std::string_view text, mode_t mode) {
    BULLPEN_TRY(const Descriptor file,
                open_file(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode));
    if (auto written = write_all(file.get(), text); !written)
        return fail(written.error().wrap(path));
    if (::fchmod(file.get(), mode) != 0 || ::fsync(file.get()) != 0)
        return fail_errno("cannot finish " + path);
    return {};
}

Result<void> sync_roster(const Home& home) {
    BULLPEN_TRY(const Descriptor directory, open_directory(home.roster()));
    if (::fsync(directory.get()) != 0)
        return fail_errno("cannot sync " + home.roster());
    return {};
}

// A text that the roster would refuse is not written: every error, not the first.
Result<void> check_text(const AccountId& account, std::string_view content) {
    std::string sentences;
    for (const Issue& issue : parse_account_file(account, content).issues) {
        if (issue.severity == Severity::error)
            sentences += (sentences.empty() ? "" : "\n") + text(issue);
    }
    if (!sentences.empty())
        return fail(Errc::invalid, std::move(sentences));
    return {};
}

}  // namespace

Result<void> create_account_file(const Home& home, const AccountId& account,
                                 std::string_view content) {
    BULLPEN_CHECK(check_text(account, content));
    const std::string path = home.account(account).roster_file;
    const std::string beside = path_beside(home, account);
    auto written = write_file(beside, content, k_account_file_mode);
    // A link does not replace what is there, a rename would.
    if (written && ::link(beside.c_str(), path.c_str()) != 0)
        written = fail_errno("cannot make " + path);
    ::unlink(beside.c_str());
    if (!written)
        return written;
    return sync_roster(home);
}

Result<void> replace_account_file(const Home& home, const AccountId& account,
                                  std::string_view content) {
    BULLPEN_CHECK(check_text(account, content));
    const std::string path = home.account(account).roster_file;
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0)
        return fail_errno("cannot look at " + path);
    const std::string beside = path_beside(home, account);
    auto written = write_file(beside, content, status.st_mode & 07777);
    // Under sudo the file must not change hands; without the right to give it, it is ours already.
    if (written && status.st_uid != ::geteuid() &&
        ::lchown(beside.c_str(), status.st_uid, status.st_gid) != 0)
        written = fail_errno("cannot keep the owner of " + path);
    if (written && ::rename(beside.c_str(), path.c_str()) != 0)
        written = fail_errno("cannot replace " + path);
    if (!written) {
        ::unlink(beside.c_str());
        return written;
    }
    return sync_roster(home);
}

Result<std::string> read_account_text(const Home& home, const AccountId& account) {
    const uid_t owner = owner_of(home.root());
    BULLPEN_TRY(const Descriptor directory, open_trusted_directory(home.roster(), owner));
    CarefulFile file =
        read_carefully(directory, account.str() + ".toml", owner, k_account_file_size_max);
    const std::string path = home.account(account).roster_file;
    if (!file.exists)
        return fail(Errc::not_found, path + " does not exist");
    if (!file.problem.empty())
        return fail(Errc::invalid, path + " " + file.problem);
    return std::move(file.text);
}

Result<std::string> set_enabled(std::string_view content, bool enabled) {
    return replace_top_level(content, "enabled", enabled ? "true" : "false", true);
}

Result<std::string> set_account(std::string_view content, const AccountId& account) {
    return replace_top_level(content, k_account, quoted(account.str()), false);
}

}  // namespace bullpen::config
