#include "common/config/applied.hpp"

#include <dirent.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"

namespace bullpen::config {

namespace {

constexpr std::string_view k_head = "bullpen-applied 1 ";
constexpr std::string_view k_file = "file ";
constexpr std::string_view k_end = "end ";
constexpr std::string_view k_daemon_file = "bullpen.toml";
constexpr std::string_view k_accounts = "accounts.d/";
constexpr std::string_view k_extension = ".toml";
constexpr std::string_view k_name = "roster.";
constexpr std::size_t k_number_width = 8;
constexpr std::size_t k_size_max = 1ULL << 30;  // bytes; far above the greatest roster
constexpr std::size_t k_directory_entries_max = 10'000;
// For workers, which are not of the home's user everywhere but of its group; `run` is closed.
constexpr mode_t k_directory_mode = 0750;
constexpr mode_t k_mode = 0640;

// Eight bytes a step, because every launched worker reads the whole file for its own part.
std::uint64_t checksum(std::string_view text) {
    std::uint64_t hash = 0xCBF29CE484222325ULL ^ text.size();
    const auto mix = [&hash](std::uint64_t word) {
        hash = (std::rotl(hash, 23) ^ word) * 0x9E3779B97F4A7C15ULL;
    };
    while (text.size() >= sizeof(std::uint64_t)) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data(), sizeof word);
        mix(word);
        text.remove_prefix(sizeof word);
    }
    for (const char c : text)
        mix(static_cast<unsigned char>(c));
    return hash ^ (hash >> 29);
}

std::string hex(std::uint64_t value) {
    char buffer[17];
    std::snprintf(buffer, sizeof buffer, "%016llx", static_cast<unsigned long long>(value));
    return buffer;
}

void append_file(std::string& out, std::string_view name, std::string_view text) {
    out += k_file;
    out += name;
    out += " " + std::to_string(text.size()) + "\n";
    out += text;
    out += "\n";
}

Unexpected damaged(std::string_view what) {
    return fail(Errc::corrupt, std::string(what));
}

// Takes the text up to a line's end, which it also takes.
Result<std::string_view> take_line(std::string_view& text) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos)
        return damaged("it ends within a line");
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return line;
}

struct FilePart {
    std::string_view name;
    std::string_view text;
};

// One "file NAME SIZE" with its text.
Result<FilePart> take_file(std::string_view& text) {
    BULLPEN_TRY(std::string_view line, take_line(text));
    const auto blank = line.rfind(' ');
    if (!line.starts_with(k_file) || blank < k_file.size())
        return damaged("a file's line is missing");
    std::size_t size = 0;
    const char* const end = line.data() + line.size();
    const auto [rest, code] = std::from_chars(line.data() + blank + 1, end, size);
    if (code != std::errc() || rest != end || size >= text.size() || text[size] != '\n')
        return damaged("a file's size is wrong");
    const FilePart part = {line.substr(k_file.size(), blank - k_file.size()), text.substr(0, size)};
    text.remove_prefix(size + 1);
    return part;
}

// The body between head and end, once the checksum has proven it.
Result<std::string_view> proven(std::string_view text) {
    const std::size_t end_size = k_end.size() + 16 + 1;
    if (text.size() < end_size)
        return damaged("it is too short");
    const std::string_view body = text.substr(0, text.size() - end_size);
    if (text.substr(body.size()) != std::string(k_end) + hex(checksum(body)) + "\n")
        return damaged("its checksum is wrong");
    return body;
}

Result<void> take_part(const FilePart& part, const AccountId* only, AppliedRoster& roster) {
    if (part.name == k_daemon_file) {
        roster.daemon_text = part.text;
        return {};
    }
    if (!part.name.starts_with(k_accounts) || !part.name.ends_with(k_extension))
        return damaged("it names a file that is none of the roster's");
    auto id = part.name.substr(k_accounts.size());
    id.remove_suffix(k_extension.size());
    if (only != nullptr && only->str() != id)
        return {};
    BULLPEN_TRY(const AccountId account, AccountId::parse(id));
    roster.accounts.emplace(account, part.text);
    return {};
}

// The number of "roster.00000012"; 0 for any other name.
std::uint64_t number_of(std::string_view name) {
    if (!name.starts_with(k_name) || name.size() != k_name.size() + k_number_width)
        return 0;
    std::uint64_t number = 0;
    const char* const end = name.data() + name.size();
    const auto [rest, code] = std::from_chars(name.data() + k_name.size(), end, number);
    return code == std::errc() && rest == end ? number : 0;
}

std::string path_of(const Home& home, std::uint64_t number) {
    std::string digits = std::to_string(number);
    digits.insert(0, k_number_width - std::min(digits.size(), k_number_width), '0');
    return home.applied() + "/" + std::string(k_name) + digits;
}

// The numbers that are there, greatest first.
std::vector<std::uint64_t> stored_numbers(const Home& home) {
    std::vector<std::uint64_t> numbers;
    DIR* const directory = ::opendir(home.applied().c_str());
    if (directory == nullptr)
        return numbers;
    while (numbers.size() < k_directory_entries_max) {
        const dirent* entry = ::readdir(directory);
        if (entry == nullptr)
            break;
        if (const auto number = number_of(entry->d_name); number > 0)
            numbers.push_back(number);
    }
    ::closedir(directory);
    std::sort(numbers.rbegin(), numbers.rend());
    return numbers;
}

Result<void> write_synced(const std::string& path, std::string_view text) {
    BULLPEN_TRY(const Descriptor file,
                open_file(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, k_mode));
    if (auto written = write_all(file.get(), text); !written)
        return fail(written.error().wrap(path));
    if (::fdatasync(file.get()) != 0)
        return fail_errno("cannot sync " + path);
    return {};
}

}  // namespace

std::string to_text(const AppliedRoster& roster) {
    std::string out(k_head);
    out += format_utc(roster.since) + "\n";
    append_file(out, k_daemon_file, roster.daemon_text);
    for (const auto& [account, text] : roster.accounts) {
        append_file(out, std::string(k_accounts) + account.str() + std::string(k_extension), text);
    }
    const std::uint64_t sum = checksum(out);
    out += k_end;
    out += hex(sum) + "\n";
    return out;
}

Result<AppliedRoster> parse_applied(std::string_view text, const AccountId* only) {
    BULLPEN_TRY(std::string_view body, proven(text));
    BULLPEN_TRY(const std::string_view head, take_line(body));
    if (!head.starts_with(k_head))
        return damaged("it is of another form than this release reads");
    AppliedRoster roster;
    BULLPEN_TRY(roster.since, parse_utc(head.substr(k_head.size())));
    while (!body.empty()) {
        BULLPEN_TRY(const FilePart part, take_file(body));
        BULLPEN_CHECK(take_part(part, only, roster));
    }
    return roster;
}

AppliedSearch newest_applied(const Home& home, const AccountId* only) {
    AppliedSearch search;
    for (const std::uint64_t number : stored_numbers(home)) {
        const std::string path = path_of(home, number);
        const auto text = read_file(path, k_size_max);
        auto roster = text ? parse_applied(*text, only) : Result<AppliedRoster>(fail(text.error()));
        if (roster) {
            search.newest = std::move(*roster);
            search.newest.number = number;
            search.newest.path = path;
            return search;
        }
        search.damaged.push_back(path);
    }
    return search;
}

Result<void> store_applied(const Home& home, AppliedRoster& roster, int keep) {
    BULLPEN_CHECK(make_directories(home.applied(), k_directory_mode));
    const auto numbers = stored_numbers(home);
    const std::uint64_t number = numbers.empty() ? 1 : numbers.front() + 1;
    const std::string path = path_of(home, number);
    const std::string beside = home.applied() + "/.new";
    if (auto written = write_synced(beside, to_text(roster)); !written) {
        ::unlink(beside.c_str());
        return written;
    }
    if (::rename(beside.c_str(), path.c_str()) != 0)
        return fail_errno("cannot put " + path + " in its place");
    BULLPEN_TRY(const Descriptor directory, open_directory(home.applied()));
    if (::fsync(directory.get()) != 0)
        return fail_errno("cannot sync " + home.applied());
    roster.number = number;
    roster.path = path;
    for (std::size_t i = static_cast<std::size_t>(keep); i < numbers.size(); ++i)
        ::unlink(path_of(home, numbers[i]).c_str());
    return {};
}

std::vector<SettingsCopy> copies_due(const AppliedRoster& old, const AppliedRoster& next) {
    std::vector<SettingsCopy> copies;
    for (const auto& [account, text] : next.accounts) {
        const auto before = old.accounts.find(account);
        if (before == old.accounts.end() || before->second != text)
            copies.push_back({account, text, next.since});
    }
    return copies;
}

bool may_leave(const Home& home, const AccountId& account, const AppliedRoster& applied) {
    if (!applied.accounts.contains(account))
        return true;
    if (::access(home.account(account).directory.c_str(), F_OK) != 0 && errno == ENOENT)
        return true;
    const std::string aside = home.root() + "/removed";
    DIR* const stream = ::opendir(aside.c_str());
    if (stream == nullptr)
        return false;
    bool found = false;
    for (const dirent* entry = ::readdir(stream); entry != nullptr && !found;
         entry = ::readdir(stream)) {
        const std::string time = entry->d_name;
        const std::string file = aside + "/" + time + "/" + account.str() + ".toml";
        found = time >= format_utc(applied.since) && ::access(file.c_str(), F_OK) == 0;
    }
    ::closedir(stream);
    return found;
}

void place_copies(const Home& home, const std::vector<SettingsCopy>& copies) {
    for (const auto& copy : copies) {
        const auto paths = home.account(copy.account);
        const std::string beside = paths.settings_copy + ".new";
        if (!make_directories(paths.directory, 0700))
            continue;
        const auto file = open_file(beside, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600);
        const std::string head = "# In force since " + format_utc(copy.since) + ", copied from " +
                                 paths.roster_file + ". Changes here do nothing.\n";
        if (!file || !write_all(file->get(), head + copy.text) ||
            ::rename(beside.c_str(), paths.settings_copy.c_str()) != 0)
            ::unlink(beside.c_str());
    }
}

std::vector<AppliedVersion> applied_versions(const Home& home) {
    std::vector<AppliedVersion> versions;
    for (const std::uint64_t number : stored_numbers(home)) {
        AppliedVersion version;
        version.number = number;
        version.path = path_of(home, number);
        // Only the first line is of interest, and only for its time.
        const auto text = read_file(version.path, k_size_max);
        if (!text)
            continue;
        std::string_view rest = *text;
        const auto head = take_line(rest);
        if (!head || !head->starts_with(k_head))
            continue;
        const auto since = parse_utc(head->substr(k_head.size()));
        if (since)
            version.since = *since;
        versions.push_back(std::move(version));
    }
    return versions;
}

}  // namespace bullpen::config
