// `bullpenctl restore`: see home_copy.hpp.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "common/base/errc.hpp"
#include "common/config/home_setup.hpp"
#include "common/storage/fence_file.hpp"
#include "common/storage/file_system.hpp"
#include "common/vault/store.hpp"
#include "ctl/act.hpp"
#include "ctl/fleet_view.hpp"
#include "ctl/home_copy.hpp"
#include "ctl/json_writer.hpp"
#include "ctl/roster_edit.hpp"
#include "ctl/text.hpp"
#include "moving/digest.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::size_t k_sums_max = std::size_t{64} << 20;  // bytes
constexpr std::size_t k_piece = std::size_t{1} << 20;      // bytes
constexpr std::size_t k_sum_digits = 64;
constexpr std::string_view k_home_prefix = "home/";
// More launches than there ever were between a backup and the loss of its home.
constexpr std::uint64_t k_fences_beyond = 1'000'000;

// A path of the sums that stays in the backup.
bool stays_inside(const std::string& path) {
    if (path.empty() || path.front() == '/' || path.find('\0') != std::string::npos)
        return false;
    for (const auto& part : std::filesystem::path(path)) {
        if (part == ".." || part == ".")
            return false;
    }
    return true;
}

Result<std::vector<CopiedFile>> read_sums(const std::string& backup) {
    BULLPEN_TRY(const auto text, read_file(backup + "/" + k_sums, k_sums_max));
    std::vector<CopiedFile> files;
    int number = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size());
        const auto line = text.substr(at, end - at);
        at = end + 1;
        ++number;
        CopiedFile file;
        if (line.size() > k_sum_digits + 2) {
            file.sha256 = line.substr(0, k_sum_digits);
            file.path = line.substr(k_sum_digits + 2);
        }
        if (!stays_inside(file.path) || line.substr(k_sum_digits, 2) != "  ")
            return fail(Errc::corrupt, backup + "/" + k_sums + ":" + std::to_string(number) +
                                           ": it is no checksum of a file of the backup");
        files.push_back(std::move(file));
    }
    if (files.empty())
        return fail(Errc::corrupt, backup + "/" + k_sums + " is empty");
    return files;
}

Result<std::string> checksum_of(const std::string& path) {
    BULLPEN_TRY(const auto file, open_file(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
    moving::Sha256 digest;
    std::string piece(k_piece, '\0');
    for (;;) {
        const auto got = ::read(file.get(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail_errno("reading " + path);
        if (got == 0)
            return digest.digits();
        digest.add(std::string_view(piece.data(), static_cast<std::size_t>(got)));
    }
}

// Before anything is written: every file is there and is what it was.
Result<void> check_sums(const std::string& backup, const std::vector<CopiedFile>& files) {
    for (const auto& file : files) {
        BULLPEN_TRY(const auto now, checksum_of(backup + "/" + file.path));
        if (std::string_view(now) != file.sha256)
            return fail(Errc::corrupt, backup + "/" + file.path +
                                           " is not what was backed up: its checksum is another "
                                           "one; nothing was done");
    }
    return {};
}

// Nothing of accounts may be there, for what is there may be newer.
Result<void> is_free(const Home& home) {
    storage::SystemFileSystem files;
    for (const auto& folder : {home.accounts(), home.roster(), home.secrets()}) {
        const auto names = files.list(folder);
        if (!names && !storage::is_missing(names.error()))
            return fail(names.error());
        for (const auto& name : names ? *names : std::vector<std::string>()) {
            const bool of_an_account =
                folder == home.accounts() || name.ends_with(".toml") || name.ends_with(".sealed");
            if (of_an_account)
                return fail(Errc::refused, home.root() + " has accounts: " + folder + "/" + name +
                                               ". A backup is restored into a home without any; "
                                               "--home names another one");
        }
    }
    return {};
}

Result<void> write_home(const Context& context, const std::string& backup,
                        const std::vector<CopiedFile>& sums) {
    storage::SystemFileSystem files;
    const auto& home = context.home;
    BULLPEN_CHECK(config::make_home(home));
    for (const auto& file : sums) {
        if (!file.path.starts_with(k_home_prefix))
            continue;
        const auto to = home.root() + "/" + file.path.substr(k_home_prefix.size());
        BULLPEN_CHECK(make_directories(storage::directory_of(to), 0700));
        // What make_home() wrote gives way.
        if (::access(to.c_str(), F_OK) == 0)
            BULLPEN_CHECK(files.remove(to));
        BULLPEN_TRY(const auto copied, copy_file(backup + "/" + file.path, to));
        if (copied.sha256 != file.sha256)
            return fail(Errc::corrupt, to + " came out as something else");
        BULLPEN_CHECK(files.sync_directory(storage::directory_of(to)));
    }
    BULLPEN_CHECK(vault::forget_newest(home));
    // Fences of launches since the backup must not come again.
    BULLPEN_TRY(auto fences, storage::FenceFile::open(home.fences(),
                                                      storage::FenceFile::copy_in(home), Fence{1}));
    return fences.reserve(Fence{fences.reserved().value + k_fences_beyond});
}

void show(Context& context, const std::vector<CopiedAccount>& accounts, std::size_t files,
          bool dry) {
    if (context.globals.json) {
        JsonWriter json(context.out.buffer());
        json.begin_object().key("ok").boolean(true).key("home").string(context.home.root());
        json.key("files").unsigned_number(files).key("accounts").begin_array();
        for (const auto& one : accounts) {
            json.begin_object().key("account").string(one.account);
            json.key("last_sequence").unsigned_number(one.last_sequence).end_object();
        }
        json.end_array().end_object();
        context.out += "\n";
        return;
    }
    context.out.line(printable((dry ? "whole: " : "restored " + context.home.root() + ": ") +
                               std::to_string(accounts.size()) + " accounts, " +
                               std::to_string(files) + " files"));
    if (dry)
        return;
    context.out.line(
        "Before you start it: no daemon and no worker of the old home may run, on any "
        "host.");
    context.out.line(printable("The vault's key is to be put back: " + context.home.secrets() +
                               "/vault.key, unless bullpen.toml names another place."));
    context.out.line(
        "Each account asks its broker what happened since; compare before the next "
        "one starts.");
}

Result<std::vector<CopiedAccount>> run(Context& context, const std::string& backup,
                                       const std::vector<CopiedFile>& files, bool dry) {
    BULLPEN_CHECK(check_sums(backup, files));
    BULLPEN_TRY(auto accounts, look_through(backup + "/home"));
    if (dry)
        return accounts;
    BULLPEN_CHECK(is_free(context.home));
    BULLPEN_CHECK(write_home(context, backup, files));
    BULLPEN_CHECK(look_through(context.home.root()));
    return accounts;
}

}  // namespace

int restore(Context& context) {
    std::error_code code;
    const auto backup =
        std::filesystem::weakly_canonical(std::string(context.arguments.operands[0]), code)
            .string();
    const auto files = read_sums(backup);
    if (!files)
        return report(context, files.error(), ExitCode::failed);
    const bool dry = context.arguments.has("dry-run");
    if (!dry && !context.arguments.has("yes") &&
        !confirmed(context, "Type yes to make " + context.home.root() + " of it: ", "yes"))
        return report(context, "not confirmed; nothing was done. --yes does it without a question",
                      ExitCode::failed);
    const auto accounts = run(context, backup, *files, dry);
    if (!accounts)
        return report(context, accounts.error(), exit_code_of(accounts.error()));
    show(context, *accounts, files->size(), dry);
    return 0;
}

}  // namespace bullpen::ctl
