// `bullpenctl backup`: see home_copy.hpp.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"
#include "common/config/roster.hpp"
#include "common/documents/json_text.hpp"
#include "common/storage/atomic_file.hpp"
#include "ctl/act.hpp"
#include "ctl/backup_sums.hpp"
#include "ctl/home_copy.hpp"
#include "ctl/json_fields.hpp"
#include "ctl/json_writer.hpp"
#include "ctl/text.hpp"
#include "moving/digest.hpp"

namespace bullpen::ctl {

namespace {

// Of one account, so that none takes the others' place.
constexpr std::size_t k_files_max = 100'000;
constexpr std::size_t k_names_max = std::size_t{16} << 20;  // bytes
constexpr std::size_t k_missed_max = 100;
// Beyond its disk_max for the holes of its files, which take no room but the time to read them.
constexpr std::uint64_t k_bytes_max = std::uint64_t{16} << 30;
constexpr std::uint64_t k_unlimited_bytes_max = std::uint64_t{64} << 30;
constexpr int k_depth_max = 12;
constexpr int k_tries = 3;
constexpr std::string_view k_part = ".part";
// In a backup that is being made: whose it is, locked by who makes it.
constexpr std::string_view k_making = "/making";
constexpr std::size_t k_facts_max = std::size_t{4} << 20;  // bytes

// Of an account's directory.
constexpr std::array<std::string_view, 4> k_left_out{"logs", "tmp", "crash", "journal"};

// Of a home: what is copied elsewhere, or is of no use elsewhere.
constexpr std::array<std::string_view, 16> k_known{
    "accounts", "accounts.d", "alerts",           "fences", "imported", "locks",
    "logs",     "numbers",    "numbers.previous", "remote", "removed",  "run",
    "secrets",  "services",   "shared",           "venue"};

// What is wrong with one file alone, not with the place that backups are in.
bool is_of_one_file(const Error& error) {
    const auto& code = error.code();
    return code == Errc::unavailable || code == Errc::invalid || code == Errc::too_large ||
           code == std::errc::filename_too_long || code == std::errc::invalid_argument ||
           code == std::errc::illegal_byte_sequence || code == std::errc::file_too_large;
}

class Copying {
  public:
    Copying(std::string from, std::string to) : from_(std::move(from)), to_(std::move(to)) {}

    // Files count against the limits of one account from here on.
    void begin_account(std::uint64_t bytes_max) {
        files_of_account_ = names_of_account_ = missed_of_account_ = 0;
        bytes_left_ = bytes_max;
    }

    // A file that is not there, or goes meanwhile, is no error; one that cannot be copied is told.
    Result<void> file(const std::string& path) {
        if (!can_be_listed(path)) {
            miss(path, "its name has characters that " + std::string(k_sums) + " cannot have");
            return {};
        }
        if (files_of_account_ == k_files_max || names_of_account_ > k_names_max) {
            miss(path, "there are too many files before it");
            return {};
        }
        auto copied = copy(path);
        if (!copied) {
            std::error_code code;
            std::filesystem::remove(to_ + "/" + path, code);
            if (storage::is_missing(copied.error()))
                return {};
            if (!is_of_one_file(copied.error()))
                return fail(copied.error());
            miss(path, copied.error().message());
            return {};
        }
        ++files_of_account_;
        names_of_account_ += path.size();
        bytes_left_ -= std::min(bytes_left_, copied->bytes);
        copied->path = path;
        files_.push_back(std::move(*copied));
        return {};
    }

    template <class Wanted>
    Result<void> folder(const std::string& path, const Wanted& wanted, int depth = 0) {
        const auto names = system_.list(from_ + "/" + path);
        if (!names) {
            if (!storage::is_missing(names.error()))
                miss(path, names.error().message());
            return {};
        }
        for (const auto& name : *names) {
            const auto inner = path.empty() ? name : path + "/" + name;
            struct stat status {};
            if (!wanted(depth, name) || ::lstat((from_ + "/" + inner).c_str(), &status) != 0)
                continue;
            if (S_ISREG(status.st_mode))
                BULLPEN_CHECK(file(inner));
            else if (!S_ISDIR(status.st_mode))
                passed_over_.push_back(inner);
            else if (depth == k_depth_max)
                miss(inner, "it is nested too deeply");
            else
                BULLPEN_CHECK(folder(inner, wanted, depth + 1));
        }
        return {};
    }

    // Told, and the rest goes on. Of very many of one account the first ones.
    void miss(const std::string& path, std::string why) {
        if (++missed_of_account_ <= k_missed_max)
            missed_.push_back({path, std::move(why)});
    }

    // The settings in the home itself. What else somebody put there is told and not copied.
    Result<void> top() {
        BULLPEN_TRY(const auto names, system_.list(from_));
        for (const auto& name : names) {
            if (name.ends_with(".toml") || name == "numbers")
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
        const auto is_in = [&](const std::string& one) { return one.starts_with(path + "/"); };
        std::erase_if(files_, [&](const CopiedFile& one) { return is_in(one.path); });
        std::erase_if(missed_, [&](const Missed& one) { return is_in(one.path); });
        std::erase_if(passed_over_, is_in);
        return code ? Result<void>(fail(code, to_ + "/" + path)) : Result<void>();
    }

    [[nodiscard]] const std::vector<CopiedFile>& files() const { return files_; }
    [[nodiscard]] const std::vector<std::string>& passed_over() const { return passed_over_; }
    [[nodiscard]] const std::vector<Missed>& missed() const { return missed_; }

  private:
    Result<CopiedFile> copy(const std::string& path) {
        BULLPEN_CHECK(make_directories(storage::directory_of(to_ + "/" + path), 0700));
        return copy_file(from_ + "/" + path, to_ + "/" + path, bytes_left_);
    }

    std::string from_;
    std::string to_;
    storage::SystemFileSystem system_;
    std::vector<CopiedFile> files_;
    std::vector<std::string> passed_over_;  // links, sockets, what is not Bullpen's
    std::vector<Missed> missed_;
    std::size_t files_of_account_ = 0;
    std::size_t names_of_account_ = 0;  // bytes
    std::size_t missed_of_account_ = 0;
    std::uint64_t bytes_left_ = UINT64_MAX;
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

struct AccountLimits {
    // What a program of its own keeps in its directory is its own matter.
    bool own_program = false;
    std::uint64_t bytes_max = k_bytes_max;
};

std::map<AccountId, AccountLimits> limits_of(const Context& context) {
    std::map<AccountId, AccountLimits> found;
    const auto roster = config::RosterReader(context.home).read(context.clock.utc());
    for (const auto& [id, settings] : roster.accounts) {
        const auto disk_max = settings.limits.disk_max;
        found[id] = {!settings.command.empty(),
                     disk_max == 0 ? k_unlimited_bytes_max : std::max(disk_max, k_bytes_max)};
    }
    return found;
}

Result<CopiedAccount> copy_whole(Copying& copying, const AccountId& id, const AccountLimits& limits,
                                 const std::string& to) {
    const auto path = "accounts/" + id.str();
    for (int tried = 1;; ++tried) {
        copying.begin_account(limits.bytes_max);
        BULLPEN_CHECK(copy_account(copying, id.str()));
        auto fits = look_through(to, id);
        if (fits)
            return fits;
        if (tried == k_tries) {
            if (!limits.own_program)
                copying.miss(path, fits.error().message());
            return CopiedAccount{id.str(), 0, 0,
                                 limits.own_program ? CopyState::own : CopyState::damaged};
        }
        BULLPEN_CHECK(copying.forget(path));
    }
}

Result<std::vector<CopiedAccount>> copy_accounts(Copying& copying, const Context& context,
                                                 const std::string& to) {
    BULLPEN_TRY(const auto accounts, accounts_in(context.home.root()));
    auto limits = limits_of(context);
    std::vector<CopiedAccount> copied;
    for (const auto& id : accounts) {
        BULLPEN_TRY(auto one, copy_whole(copying, id, limits[id], to));
        // An empty directory is not made again.
        if (::access((to + "/accounts/" + id.str()).c_str(), F_OK) == 0)
            copied.push_back(std::move(one));
    }
    copying.begin_account(UINT64_MAX);
    return copied;
}

Result<std::vector<CopiedAccount>> copy_home(Copying& copying, const Context& context,
                                             const std::string& to) {
    BULLPEN_CHECK(copying.top());
    for (const std::string folder : {"accounts.d", "imported", "run/applied", "shared"})
        BULLPEN_CHECK(copying.folder(folder, everything));
    BULLPEN_CHECK(copying.folder("secrets", sealed_only));
    // Who may come in, not the key that proves this very home.
    BULLPEN_CHECK(copying.file("remote/clients"));
    BULLPEN_TRY(auto accounts, copy_accounts(copying, context, to));
    // The exchange knows at least what its accounts do, as a broker would.
    BULLPEN_CHECK(copying.folder("venue", everything));
    // Last: no launch of what was copied has a greater fence.
    BULLPEN_CHECK(copying.file("run/fences"));
    BULLPEN_CHECK(copying.file("fences"));
    return accounts;
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
                                   {"last_sequence", one.last_sequence},
                                   {"state", word(one.state)}});
    out["files"] = copying.files().size();
    out["passed_over"] = copying.passed_over();
    out["missed"] = nlohmann::ordered_json::array();
    for (const auto& one : copying.missed())
        out["missed"].push_back({{"path", one.path}, {"why", one.why}});
    return documents::json_text(out, 2) + "\n";
}

struct Made {
    std::string path;
    std::size_t files = 0;
    std::uint64_t bytes = 0;
    std::vector<CopiedAccount> accounts;
    std::vector<std::string> passed_over;
    std::vector<Missed> missed;
    std::vector<std::string> removed;
};

// What was written is what will be read.
Result<void> read_back(const std::string& part, std::size_t files) {
    BULLPEN_TRY(const auto sums, read_sums(part));
    if (sums.size() != files + 1)
        return fail(Errc::corrupt, part + "/" + k_sums + " names another number of files");
    return check_listed(part, sums);
}

Result<void> write(const Context& context, const Copying& copying, const std::string& part,
                   Made& made) {
    storage::SystemFileSystem files;
    const auto text = facts(context, copying, made.accounts);
    BULLPEN_CHECK(storage::replace_file(files, part + "/" + k_backup_facts, text));
    std::string sums = sums_line({k_backup_facts, moving::sha256(text), text.size()});
    for (const auto& one : copying.files()) {
        sums += sums_line({std::string(k_home_prefix) + one.path, one.sha256, one.bytes});
        made.bytes += one.bytes;
    }
    BULLPEN_CHECK(storage::replace_file(files, part + "/" + k_sums, sums));
    BULLPEN_CHECK(read_back(part, copying.files().size()));
    BULLPEN_CHECK(files.remove(part + std::string(k_making)));
    BULLPEN_CHECK(files.rename(part, made.path));
    return files.sync_directory(storage::directory_of(made.path));
}

// A backup is made under another name, with a lock in it as long as somebody makes it. What has
// none any more was broken off, and is of no use to anybody.
Result<void> remove_broken_off(const Context& context, const std::string& directory, Made& made) {
    storage::SystemFileSystem files;
    BULLPEN_TRY(const auto names, files.list(directory));
    for (const auto& name : names) {
        if (!name.starts_with(name_of(context.home)) || !name.ends_with(k_part))
            continue;
        const auto path = directory + "/" + name;
        const auto making = path + std::string(k_making);
        const auto whose = read_file(making, k_facts_max);
        const auto lock = open_file(making, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
        const bool others = whose && !whose->empty() && *whose != context.home.root();
        if (others || (lock && ::flock(lock->get(), LOCK_EX | LOCK_NB) != 0))
            continue;
        std::error_code code;
        std::filesystem::remove_all(path, code);
        if (code)
            return fail(code, "removing " + path + ", which was broken off");
        made.removed.push_back(path);
    }
    return {};
}

Result<Descriptor> begin(const Context& context, const std::string& part) {
    BULLPEN_CHECK(make_directories(part + "/home", 0700));
    const auto making = part + std::string(k_making);
    BULLPEN_TRY(auto lock, open_file(making, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600));
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0)
        return fail_errno("cannot lock " + making);
    BULLPEN_CHECK(write_all(lock.get(), context.home.root()));
    return lock;
}

Result<Made> make(const Context& context, const std::string& directory) {
    Made made;
    BULLPEN_CHECK(remove_broken_off(context, directory, made));
    auto stamp = format_utc(context.clock.utc());
    std::erase_if(stamp, [](char c) { return c == ':' || c == '-' || c == '.'; });
    made.path = directory + "/" + name_of(context.home) + stamp;
    const auto part = made.path + std::string(k_part);
    BULLPEN_TRY(const auto lock, begin(context, part));
    const auto copy = part + "/home";
    Copying copying(context.home.root(), copy);
    auto accounts = copy_home(copying, context, copy);
    made.accounts = accounts ? std::move(*accounts) : std::vector<CopiedAccount>();
    const auto written = accounts ? write(context, copying, part, made) : fail(accounts.error());
    if (!written) {
        std::error_code code;
        std::filesystem::remove_all(part, code);
        return fail(written.error());
    }
    made.files = copying.files().size();
    made.passed_over = copying.passed_over();
    made.missed = copying.missed();
    return made;
}

// "accounts/anna" of what is the account's, else the folder of the home.
std::string part_of_home(const std::string& path) {
    const auto first = path.find('/');
    const auto second = first == std::string::npos ? first : path.find('/', first + 1);
    return path.substr(0, path.starts_with("accounts/") ? second : first);
}

struct Older {
    std::string path;
    std::set<std::string> not_whole;  // parts of the home
    std::set<std::string> accounts;

    [[nodiscard]] bool has_whole(const std::string& part) const {
        constexpr std::string_view k_accounts = "accounts/";
        return !not_whole.contains(part) &&
               (!part.starts_with(k_accounts) || accounts.contains(part.substr(k_accounts.size())));
    }
};

Older older_of(const std::string& path, const nlohmann::json& said) {
    Older one{path, {}, {}};
    const auto each = [&](const char* list, const char* name, auto take) {
        if (said.contains(list) && said[list].is_array()) {
            for (const auto& entry : said[list])
                take(entry.is_object() ? text_of(entry, name) : std::string());
        }
    };
    each("missed", "path", [&](const auto& what) { one.not_whole.insert(part_of_home(what)); });
    each("accounts", "account", [&](const auto& what) { one.accounts.insert(what); });
    return one;
}

// Backups of this very home, the oldest first.
Result<std::vector<Older>> backups(const Context& context, const std::string& directory) {
    storage::SystemFileSystem files;
    BULLPEN_TRY(const auto names, files.list(directory));
    std::vector<Older> found;
    for (const auto& name : names) {
        if (!name.starts_with(name_of(context.home)) || name.ends_with(k_part))
            continue;
        const auto text = files.read(directory + "/" + name + "/" + k_backup_facts, k_facts_max);
        const auto said = documents::parse_json(text ? *text : "");
        if (said.is_object() && text_of(said, "home") == context.home.root())
            found.push_back(older_of(directory + "/" + name, said));
    }
    return found;
}

// What of the newest backup is not whole stays in the newest one that has it whole. So one account
// holds one older backup back at most, however much of it cannot be copied.
std::set<std::string> still_needed(const std::vector<Older>& all) {
    std::set<std::string> needed;
    for (const auto& part : all.back().not_whole) {
        const auto found = std::find_if(all.rbegin(), all.rend(),
                                        [&](const Older& one) { return one.has_whole(part); });
        if (found != all.rend())
            needed.insert(found->path);
    }
    return needed;
}

Result<void> rotate(const Context& context, const std::string& directory, std::size_t keep,
                    Made& made) {
    BULLPEN_TRY(const auto all, backups(context, directory));
    if (all.size() <= keep)
        return {};
    const auto needed = still_needed(all);
    for (std::size_t i = 0; i + keep < all.size(); ++i) {
        if (needed.contains(all[i].path))
            continue;
        std::error_code code;
        std::filesystem::remove_all(all[i].path, code);
        if (code)
            return fail(code, "removing " + all[i].path);
        made.removed.push_back(all[i].path);
    }
    return {};
}

void show(Context& context, const Made& made) {
    if (context.globals.json) {
        JsonWriter json(context.out.buffer());
        json.begin_object().key("ok").boolean(made.missed.empty());
        json.key("backup").string(made.path);
        json.key("files").unsigned_number(made.files).key("bytes").unsigned_number(made.bytes);
        json.key("accounts").begin_array();
        for (const auto& one : made.accounts) {
            json.begin_object().key("account").string(one.account);
            json.key("state_sequence").unsigned_number(one.state_sequence);
            json.key("last_sequence").unsigned_number(one.last_sequence);
            json.key("state").string(word(one.state)).end_object();
        }
        json.end_array().key("passed_over").begin_array();
        for (const auto& path : made.passed_over)
            json.string(path);
        json.end_array().key("missed").begin_array();
        for (const auto& one : made.missed) {
            json.begin_object().key("path").string(one.path);
            json.key("why").string(one.why).end_object();
        }
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
    for (const auto& one : made.missed)
        context.out.line(printable("not whole in it: " + one.path + ": " + one.why), Colour::red);
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
    return made->missed.empty() ? 0 : value(ExitCode::failed);
}

}  // namespace bullpen::ctl
