#include "ctl/old_program.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "common/base/descriptor.hpp"
#include "common/base/secret.hpp"
#include "common/storage/file_system.hpp"
#include "moving/text_files.hpp"

namespace bullpen::ctl {

namespace {

using moving::TextKind;

constexpr std::size_t k_files_max = 200'000;
constexpr std::uint64_t k_bytes_max = std::uint64_t{4} << 30;
constexpr std::uint64_t k_file_max = std::uint64_t{256} << 20;  // bytes; no larger one is searched
constexpr std::uint64_t k_settings_max = std::uint64_t{1} << 20;  // bytes; beyond are records
constexpr std::size_t k_piece = std::size_t{4} << 20;             // bytes read at once
constexpr int k_depth_max = 40;

template <std::size_t N>
bool ends_in(const std::string& name, const std::array<std::string_view, N>& endings) {
    return std::any_of(endings.begin(), endings.end(),
                       [&](std::string_view ending) { return name.ends_with(ending); });
}

// What is somebody's, and not program, wherever it lies. Empty: it may be program.
std::string_view by_its_name(const std::string& plain) {
    constexpr std::array<std::string_view, 5> k_settings{".ini", ".cfg", ".conf", ".env",
                                                         ".properties"};
    constexpr std::array<std::string_view, 7> k_copies{".bak", ".old", ".orig",  ".save",
                                                       ".swp", "~",    ".backup"};
    constexpr std::array<std::string_view, 12> k_packed{".zip", ".tar", ".gz",     ".tgz",
                                                        ".bz2", ".xz",  ".zst",    ".7z",
                                                        ".rar", ".db",  ".sqlite", ".sqlite3"};
    constexpr std::array<std::string_view, 6> k_keys{".pem", ".key",  ".p12",
                                                     ".pfx", ".kdbx", ".gpg"};
    if (ends_in(plain, k_settings) || plain.starts_with("env."))
        return "holds settings by its name";
    if (ends_in(plain, k_copies))
        return "is a copy that somebody kept, by its name";
    if (ends_in(plain, k_packed))
        return "is packed, and cannot be looked into";
    return ends_in(plain, k_keys) ? "holds a key by its name" : std::string_view();
}

TextKind kind_of(const std::string& plain, std::uint64_t size, std::string_view begin) {
    constexpr std::array<std::string_view, 16> k_source{
        ".py",  ".pyw", ".pyi", ".sh",  ".bash", ".bat", ".ps1", ".js",
        ".mjs", ".ts",  ".md",  ".rst", ".html", ".css", ".c",   ".cpp"};
    constexpr std::array<std::string_view, 3> k_records{".log", ".csv", ".svg"};
    if (ends_in(plain, k_source))
        return TextKind::source;
    const bool binary = begin.find('\0') != std::string_view::npos;
    return binary || size > k_settings_max || ends_in(plain, k_records) ? TextKind::record
                                                                        : TextKind::settings;
}

// What a folder is to those who read it.
enum class Part { program, library, records };

Part part_of(const std::string& directory, const std::string& plain, Part above, bool first_level) {
    constexpr std::array<std::string_view, 7> k_records{
        "logs", "locks", "pids", "backups", "backup", "crash", "current_orders"};
    if (above != Part::program)
        return above;
    if (::access((directory + "/pyvenv.cfg").c_str(), F_OK) == 0 || plain == "node_modules" ||
        plain == "site-packages")
        return Part::library;
    const bool records = std::find(k_records.begin(), k_records.end(), plain) != k_records.end() ||
                         (first_level && !moving::is_program(plain)) ||
                         (plain.starts_with('.') && !moving::is_program(plain));
    return records ? Part::records : Part::program;
}

// By its mode, or by a list that says more than it, which is not read here.
bool is_closed_to(const std::string& path, const struct stat& status, const Owner& runner) {
    const bool mine = status.st_uid == runner.user;
    const bool group = status.st_gid == runner.group;
    const mode_t bits = mine ? 0500U : group ? 0050U : 0005U;
    const mode_t wanted = S_ISDIR(status.st_mode) ? bits : bits & 0444U;
    return runner.user != 0 && (status.st_mode & wanted) != wanted &&
           ::lgetxattr(path.c_str(), "system.posix_acl_access", nullptr, 0) <= 0;
}

std::string mode_text(const struct stat& status) {
    std::string text = "0000";
    for (std::size_t i = 0; i < 3; ++i)
        text[3 - i] = static_cast<char>('0' + ((status.st_mode >> (3 * i)) & 7U));
    return text;
}

class Search {
  public:
    Search(std::string root, const moving::KnownSecrets& known, const Owner& runner)
        : root_(std::move(root)), known_(known), runner_(runner) {}

    Result<void> folder(const std::string& folder, bool is_daily) {
        const auto names = files_.list(root_ + "/" + folder);
        if (!names)
            return is_daily ? Result<void>() : fail(names.error());
        found_.folders.push_back(folder.substr(0, folder.find('/')));
        for (const auto& name : *names) {
            const auto path = folder + name;
            const std::string_view daily = "Daily";
            if (!is_daily && looks_into_daily_ && name == daily)
                continue;
            first_level(path, name);
        }
        return {};
    }
    void looks_into_daily() { looks_into_daily_ = true; }
    LookedThrough take() {
        std::sort(found_.program.begin(), found_.program.end());
        std::sort(found_.secret_files.begin(), found_.secret_files.end());
        found_.whole = !ended_;
        return std::move(found_);
    }

  private:
    // What was found of a folder: its parts that are program, or that all of it is.
    struct Parts {
        bool whole = true;
        std::vector<std::string> entries;
    };

    static bool is_in(const std::filesystem::path& path, const std::filesystem::path& folder) {
        return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first ==
               folder.end();
    }

    // A link within the folder itself is followed where it leads out of it, as to an interpreter's
    // environment; what one within the folder leads to has an entry of its own.
    void first_level(const std::string& path, const std::string& name) {
        const std::filesystem::path root(root_);
        std::error_code code;
        const bool link = std::filesystem::is_symlink(root_ + "/" + path, code);
        if (link) {
            const auto leads = std::filesystem::canonical(root_ + "/" + path, code);
            if (code || is_in(leads, root) || is_in(root, leads))
                return;
        }
        Parts parts;
        look(path, name, Part::program, 0, link, parts);
        if (parts.whole && moving::is_program(name))
            parts.entries = {path};
        else if (link && !parts.whole)
            parts.entries.clear();  // what it leads to is read as a whole, or not at all
        for (auto& entry : parts.entries)
            found_.program.push_back(std::move(entry));
    }

    // Looks at one entry of a folder, and adds to what the folder's parts are.
    void look(const std::string& path, const std::string& name, Part above, int depth, bool follow,
              Parts& parts) {
        struct stat status {};
        const auto whole = root_ + "/" + path;
        if ((follow ? ::stat(whole.c_str(), &status) : ::lstat(whole.c_str(), &status)) != 0)
            return;
        const auto plain = moving::lower(name);
        if (S_ISDIR(status.st_mode) || S_ISREG(status.st_mode)) {
            Parts found;
            // Of what is in a closed folder nothing more is said.
            const bool closed = !in_closed_ && is_closed_to(whole, status, runner_);
            in_closed_ = in_closed_ || (closed && S_ISDIR(status.st_mode));
            if (S_ISDIR(status.st_mode))
                directory(path, plain, above, depth, found);
            else if (file(path, plain, above, static_cast<std::uint64_t>(status.st_size)))
                found.entries.push_back(path);
            else
                found.whole = false;
            in_closed_ = in_closed_ && !(closed && S_ISDIR(status.st_mode));
            if (closed && !found.entries.empty()) {
                found = {false, {}};
                leave_out(path, above,
                          "is closed to the user of the home (mode " + mode_text(status) +
                              "); if the program needs it, let that user read it");
            }
            parts.whole = parts.whole && found.whole;
            for (auto& entry : found.entries)
                parts.entries.push_back(std::move(entry));
        } else if (!S_ISLNK(status.st_mode)) {
            parts.whole = false;  // a pipe or a socket is nothing to read
        }
    }

    void directory(const std::string& path, const std::string& plain, Part above, int depth,
                   Parts& parts) {
        constexpr std::array<std::string_view, 3> k_histories{".git", ".hg", ".svn"};
        const auto part = part_of(root_ + "/" + path, plain, above, depth == 0);
        // What a history has is packed; nobody reads it.
        if (std::find(k_histories.begin(), k_histories.end(), plain) != k_histories.end()) {
            parts.whole = false;
            return;
        }
        const auto names = files_.list(root_ + "/" + path);
        if (!names || depth == k_depth_max) {
            parts.whole = false;
            return leave_out(path, part,
                             names ? "is nested too deeply to be looked into"
                                   : "cannot be looked into: " + names.error().message());
        }
        Parts below;
        below.whole = part != Part::records;
        for (const bool compiled : {false, true}) {
            for (const auto& name : *names) {
                // What is compiled of a module goes by what was said of the module.
                if ((name == "__pycache__") == compiled)
                    look(path + "/" + name, name, part, depth + 1, false, below);
            }
        }
        if (part == Part::records)
            below.entries.clear();
        if (below.whole)
            below.entries = {path};
        parts.whole = parts.whole && below.whole;
        for (auto& entry : below.entries)
            parts.entries.push_back(std::move(entry));
    }

    // Whether it is program. What holds a credential is named, whatever it is.
    bool file(const std::string& path, const std::string& plain, Part part, std::uint64_t size) {
        if (ended_ || ++files_seen_ > k_files_max || (bytes_ += size) > k_bytes_max) {
            ended_ = true;
            return false;
        }
        const auto why = in_file(path, plain, part, size);
        if (!why.empty()) {
            found_.secret_files.push_back(path);
            leave_out(path, part, "holds " + why);
            return false;
        }
        if (part == Part::records || !readable_)
            return false;
        if (part == Part::library)
            return !plain.ends_with(".env") || plain.size() > 4;
        if (!moving::is_program(plain) || is_of_left_out(path))
            return false;
        const auto kind = by_its_name(plain);
        if (kind.empty())
            return size <= k_file_max;
        leave_out(path, part,
                  std::string(kind) + "; if the program needs it, name it in read_paths");
        return false;
    }

    // "src/__pycache__/settings.cpython-311.pyc" of "src/settings.py" that is left out.
    [[nodiscard]] bool is_of_left_out(const std::string& path) const {
        constexpr std::string_view k_compiled = "__pycache__/";
        const auto at = path.rfind(k_compiled);
        if (at == std::string::npos)
            return false;
        const auto module = path.substr(at + k_compiled.size());
        const auto source = path.substr(0, at) + module.substr(0, module.find('.')) + ".py";
        return std::any_of(found_.left_out.begin(), found_.left_out.end(),
                           [&](const moving::LeftOut& one) { return one.path == source; });
    }

    void leave_out(const std::string& path, Part part, std::string why) {
        if (part != Part::records)
            found_.left_out.push_back({path, std::move(why)});
    }

    // What of it is a credential; empty: nothing. readable_ says whether it could be read.
    std::string in_file(const std::string& path, const std::string& plain, Part part,
                        std::uint64_t size) {
        readable_ = true;
        if (size > k_file_max)
            return {};
        const auto opened =
            open_file(root_ + "/" + path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (!opened) {
            readable_ = false;
            leave_out(path, part, "cannot be read: " + opened.error().message());
            return {};
        }
        std::string why;
        std::string text;
        TextKind kind = TextKind::record;
        const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(k_piece, size + 1));
        for (bool first = true; why.empty(); first = false) {
            const auto kept = text.size();
            text.resize(kept + piece);
            const auto got = ::read(opened->get(), text.data() + kept, piece);
            text.resize(kept + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
            if (got < 0 && errno == EINTR)
                continue;
            if (got <= 0)
                break;
            if (first && part != Part::library)
                kind = kind_of(plain, size, std::string_view(text).substr(0, 4096));
            why = part == Part::library && !known_.in(text)
                      ? std::string()
                      : moving::credentials_in(text, kind, known_);
            // What lies across two pieces is in the next one.
            text.erase(0, text.size() - std::min(text.size(), known_.longest()));
        }
        bullpen::wipe(text);
        return why;
    }

    std::string root_;
    const moving::KnownSecrets& known_;
    Owner runner_;
    storage::SystemFileSystem files_;
    LookedThrough found_;
    std::size_t files_seen_ = 0;
    std::uint64_t bytes_ = 0;
    bool ended_ = false;
    bool readable_ = true;
    bool in_closed_ = false;
    bool looks_into_daily_ = false;
};

}  // namespace

Result<LookedThrough> look_through(const std::string& directory, OldBot bot,
                                   const moving::KnownSecrets& known, const Owner& runner) {
    Search search(directory, known, runner);
    if (bot == OldBot::equity)
        search.looks_into_daily();
    BULLPEN_CHECK(search.folder("", false));
    if (bot == OldBot::equity)
        BULLPEN_CHECK(search.folder("Daily/", true));
    auto found = search.take();
    struct stat status {};
    if (::stat(directory.c_str(), &status) == 0 && is_closed_to(directory, status, runner))
        found.closed = mode_text(status);
    return found;
}

}  // namespace bullpen::ctl
