// `bullpenctl backup`: see home_copy.hpp.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "common/storage/atomic_file.hpp"
#include "ctl/act.hpp"
#include "ctl/home_copy.hpp"
#include "ctl/json_writer.hpp"
#include "ctl/text.hpp"
#include "moving/digest.hpp"

namespace bullpen::ctl {

namespace {

constexpr std::size_t k_files_max = 200'000;
constexpr int k_depth_max = 12;
constexpr int k_tries = 3;
constexpr std::string_view k_part = ".part";
constexpr std::size_t k_facts_max = std::size_t{4} << 20;  // bytes

// Of an account's directory.
constexpr std::array<std::string_view, 4> k_left_out{"logs", "tmp", "crash", "journal"};

// Of a home: what is copied elsewhere, or is of no use elsewhere.
constexpr std::array<std::string_view, 13> k_known{
    "accounts", "accounts.d", "alerts",  "fences",   "imported", "locks", "logs",
    "removed",  "run",        "secrets", "services", "shared",   "venue"};

class Copying {
  public:
    Copying(std::string from, std::string to) : from_(std::move(from)), to_(std::move(to)) {}

    // A file that is not there, or goes meanwhile, is no error.
    Result<void> file(const std::string& path) {
        if (files_.size() == k_files_max)
            return fail(Errc::too_large, from_ + " has more than 200000 files to copy");
        BULLPEN_CHECK(make_directories(storage::directory_of(to_ + "/" + path), 0700));
        auto copied = copy_file(from_ + "/" + path, to_ + "/" + path);
        if (!copied)
            return storage::is_missing(copied.error()) ? Result<void>() : fail(copied.error());
        copied->path = path;
        files_.push_back(std::move(*copied));
        return {};
    }

    template <class Wanted>
    Result<void> folder(const std::string& path, const Wanted& wanted, int depth = 0) {
        const auto names = system_.list(from_ + "/" + path);
        if (!names)
            return storage::is_missing(names.error()) ? Result<void>() : fail(names.error());
        for (const auto& name : *names) {
            const auto inner = path.empty() ? name : path + "/" + name;
            struct stat status {};
            if (!wanted(depth, name) || ::lstat((from_ + "/" + inner).c_str(), &status) != 0)
                continue;
            if (S_ISDIR(status.st_mode) && depth < k_depth_max)
                BULLPEN_CHECK(folder(inner, wanted, depth + 1));
            else if (S_ISREG(status.st_mode))
                BULLPEN_CHECK(file(inner));
            else
                passed_over_.push_back(inner);
        }
        return {};
    }

    // The settings in the home itself. What else somebody put there is told and not copied.
    Result<void> top() {
        BULLPEN_TRY(const auto names, system_.list(from_));
        for (const auto& name : names) {
            if (name.ends_with(".toml"))
                BULLPEN_CHECK(file(name));
            else if (std::find(k_known.begin(), k_known.end(), name) == k_known.end())
                passed_over_.push_back(name);
        }
        return {};
    }

    // Whatever was copied of it before goes.
    Result<void> forget(const std::string& path) {
        std::error_code code;
        std::filesystem::remove_all(to_ + "/" + path, code);
        std::erase_if(files_,
                      [&](const CopiedFile& one) { return one.path.starts_with(path + "/"); });
        return code ? Result<void>(fail(code, to_ + "/" + path)) : Result<void>();
    }

    [[nodiscard]] const std::vector<CopiedFile>& files() const { return files_; }
    [[nodiscard]] const std::vector<std::string>& passed_over() const { return passed_over_; }

  private:
    std::string from_;
    std::string to_;
    storage::SystemFileSystem system_;
    std::vector<CopiedFile> files_;
    std::vector<std::string> passed_over_;  // links, sockets
};

bool everything(int depth, const std::string& name) {
    static_cast<void>(depth);
    return !name.ends_with(".tmp");
}

// The vault's key is to be somewhere else than what it opens.
bool sealed_only(int depth, const std::string& name) {
    static_cast<void>(depth);
    return name.ends_with(".sealed") || name.ends_with(".sealed.previous") || name == "vault.kdf";
}

// State before journal: see home_copy.hpp.
Result<void> copy_account(Copying& copying, const std::string& account) {
    const auto path = "accounts/" + account;
    const auto states = [](int depth, const std::string& name) {
        return depth == 0 && name.starts_with("state.json") && !name.ends_with(".tmp");
    };
    BULLPEN_CHECK(copying.folder(path, states));
    BULLPEN_CHECK(copying.folder(path + "/journal", everything));
    return copying.folder(path, [](int depth, const std::string& name) {
        const bool out = depth == 0 && (name.starts_with("state.json") ||
                                        std::find(k_left_out.begin(), k_left_out.end(), name) !=
                                            k_left_out.end());
        return !out && everything(depth, name);
    });
}

Result<void> copy_accounts(Copying& copying, const Home& from, const std::string& to) {
    storage::SystemFileSystem files;
    const auto names = files.list(from.accounts());
    if (!names)
        return storage::is_missing(names.error()) ? Result<void>() : fail(names.error());
    for (const auto& name : *names) {
        const auto id = AccountId::parse(name);
        if (!id)
            continue;
        for (int tried = 1;; ++tried) {
            BULLPEN_CHECK(copy_account(copying, name));
            const auto fits = look_through(to, *id);
            if (fits)
                break;
            if (tried == k_tries)
                return fail(fits.error());
            BULLPEN_CHECK(copying.forget("accounts/" + name));
        }
    }
    return {};
}

Result<void> copy_home(Copying& copying, const Home& from, const std::string& to) {
    BULLPEN_CHECK(copying.top());
    for (const std::string folder : {"accounts.d", "imported", "run/applied", "shared"})
        BULLPEN_CHECK(copying.folder(folder, everything));
    BULLPEN_CHECK(copying.folder("secrets", sealed_only));
    BULLPEN_CHECK(copy_accounts(copying, from, to));
    // The exchange knows at least what its accounts do, as a broker would.
    BULLPEN_CHECK(copying.folder("venue", everything));
    // Last: no launch of what was copied has a greater fence.
    BULLPEN_CHECK(copying.file("run/fences"));
    return copying.file("fences");
}

std::string name_of(const Home& home) {
    const auto name = home.root().substr(home.root().rfind('/') + 1);
    return "bullpen-" + (name.empty() ? "home" : name) + "-";
}

std::string facts(const Context& context, const Copying& copying,
                  const std::vector<CopiedAccount>& accounts) {
    nlohmann::ordered_json out = {{"v", 1},
                                  {"home", context.home.root()},
                                  {"utc", format_utc(context.clock.utc())},
                                  {"version", BULLPEN_VERSION}};
    out["accounts"] = nlohmann::ordered_json::array();
    for (const auto& one : accounts)
        out["accounts"].push_back({{"account", one.account},
                                   {"state_sequence", one.state_sequence},
                                   {"last_sequence", one.last_sequence}});
    out["passed_over"] = copying.passed_over();
    return out.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

struct Made {
    std::string path;
    std::size_t files = 0;
    std::uint64_t bytes = 0;
    std::vector<CopiedAccount> accounts;
    std::vector<std::string> passed_over;
    std::vector<std::string> removed;
};

Result<Made> make(const Context& context, const std::string& directory) {
    Made made;
    auto stamp = format_utc(context.clock.utc());
    std::erase_if(stamp, [](char c) { return c == ':' || c == '-' || c == '.'; });
    made.path = directory + "/" + name_of(context.home) + stamp;
    const auto part = made.path + std::string(k_part);
    BULLPEN_CHECK(make_directories(part + "/home", 0700));
    const auto copy = part + "/home";
    Copying copying(context.home.root(), copy);
    if (const auto copied = copy_home(copying, context.home, copy); !copied) {
        std::error_code code;
        std::filesystem::remove_all(part, code);
        return fail(copied.error());
    }
    BULLPEN_TRY(made.accounts, look_through(copy));
    storage::SystemFileSystem files;
    const auto text = facts(context, copying, made.accounts);
    BULLPEN_CHECK(storage::replace_file(files, part + "/" + k_backup_facts, text));
    std::string sums = moving::sha256(text) + "  " + k_backup_facts + "\n";
    for (const auto& one : copying.files()) {
        sums += one.sha256 + "  home/" + one.path + "\n";
        made.bytes += one.bytes;
    }
    BULLPEN_CHECK(storage::replace_file(files, part + "/" + k_sums, sums));
    BULLPEN_CHECK(files.rename(part, made.path));
    BULLPEN_CHECK(files.sync_directory(directory));
    made.files = copying.files().size();
    made.passed_over = copying.passed_over();
    return made;
}

// Whole backups of this very home, the oldest first.
Result<std::vector<std::string>> backups(const Context& context, const std::string& directory) {
    storage::SystemFileSystem files;
    BULLPEN_TRY(const auto names, files.list(directory));
    std::vector<std::string> found;
    for (const auto& name : names) {
        if (!name.starts_with(name_of(context.home)) || name.ends_with(k_part))
            continue;
        const auto text = files.read(directory + "/" + name + "/" + k_backup_facts, k_facts_max);
        const auto said = nlohmann::json::parse(text ? *text : "", nullptr, false);
        if (said.is_object() && said.value("home", "") == context.home.root())
            found.push_back(directory + "/" + name);
    }
    return found;
}

Result<void> rotate(const Context& context, const std::string& directory, std::size_t keep,
                    Made& made) {
    BULLPEN_TRY(auto all, backups(context, directory));
    while (all.size() > keep) {
        std::error_code code;
        std::filesystem::remove_all(all.front(), code);
        if (code)
            return fail(code, "removing " + all.front());
        made.removed.push_back(all.front());
        all.erase(all.begin());
    }
    return {};
}

void show(Context& context, const Made& made) {
    if (context.globals.json) {
        JsonWriter json(context.out.buffer());
        json.begin_object().key("ok").boolean(true).key("backup").string(made.path);
        json.key("files").unsigned_number(made.files).key("bytes").unsigned_number(made.bytes);
        json.key("accounts").begin_array();
        for (const auto& one : made.accounts) {
            json.begin_object().key("account").string(one.account);
            json.key("state_sequence").unsigned_number(one.state_sequence);
            json.key("last_sequence").unsigned_number(one.last_sequence).end_object();
        }
        json.end_array().key("passed_over").begin_array();
        for (const auto& path : made.passed_over)
            json.string(path);
        json.end_array().key("removed").begin_array();
        for (const auto& path : made.removed)
            json.string(path);
        json.end_array().end_object();
        context.out += "\n";
        return;
    }
    context.out.line(printable("made " + made.path + ": " + std::to_string(made.accounts.size()) +
                               " accounts, " + std::to_string(made.files) + " files, " +
                               std::to_string(made.bytes) + " bytes"));
    for (const auto& path : made.passed_over)
        context.out.line(printable("not copied: " + path), Colour::yellow);
    for (const auto& path : made.removed)
        context.out.line(printable("removed " + path));
    context.out.line("The vault's key is not in it: keep that elsewhere.");
}

}  // namespace

int back_up(Context& context) {
    std::size_t keep = 0;
    if (const auto word = context.arguments.value("keep")) {
        const auto* end = word->data() + word->size();
        const auto read = std::from_chars(word->data(), end, keep);
        if (read.ec != std::errc() || read.ptr != end || keep == 0 || keep > 100'000)
            return report(context, "--keep takes a whole number from 1 on", ExitCode::usage);
    }
    std::error_code code;
    const auto directory =
        std::filesystem::weakly_canonical(std::string(context.arguments.operands[0]), code)
            .string();
    const auto& root = context.home.root();
    if (code || directory == root || directory.starts_with(root + "/accounts"))
        return report(context, "backups of a home belong somewhere else than into it",
                      ExitCode::usage);
    if (const auto there = make_directories(directory, 0700); !there)
        return report(context, there.error(), ExitCode::failed);
    auto made = make(context, directory);
    if (!made)
        return report(context, made.error(), exit_code_of(made.error()));
    if (keep > 0) {
        if (const auto done = rotate(context, directory, keep, *made); !done)
            return report(context, done.error(), ExitCode::failed);
    }
    show(context, *made);
    return 0;
}

}  // namespace bullpen::ctl
