#include "supervisor/process/launch_record.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/base/errc.hpp"
#include "ipc/json_reader.hpp"
#include "ipc/json_writer.hpp"

namespace bullpen::process {
namespace {

constexpr mode_t k_mode = 0600;
// Rewritten while running once it is this large and this many times what it need be.
constexpr std::uint64_t k_compact_at = 1024UL * 1024;
constexpr std::uint64_t k_growth_max = 4;

// One line. Numbers of 64 bits are text, because JSON's readers take them for doubles.
class Line : public ipc::JsonWriter {
  public:
    explicit Line(std::string_view event) {
        open_object();
        text("event", event);
    }
    Line(std::string_view event, const AccountId& account) : Line(event) {
        text("account", account.str());
    }
    Line& number(std::string_view name, std::uint64_t value) {
        text(name, std::to_string(value));
        return *this;
    }
    Line& word(std::string_view name, std::string_view value) {
        text(name, value);
        return *this;
    }
    std::string end() {
        close_object();
        return take() + "\n";
    }
};

std::string launching_line(const AccountId& account, const RecordedLaunch& launch) {
    return Line("launching", account)
        .number("launch", launch.launch.value)
        .word("nonce", launch.nonce.hex())
        .number("fence", launch.fence.value)
        .word("utc", format_utc_nanos(launch.utc))
        .word("boot_id", launch.boot_id)
        .number("fingerprint", launch.fingerprint)
        .end();
}
std::string launched_line(const AccountId& account, LaunchNumber launch, pid_t pid,
                          std::uint64_t start_time) {
    return Line("launched", account)
        .number("launch", launch.value)
        .number("pid", static_cast<std::uint64_t>(pid))
        .number("start_time", start_time)
        .end();
}
std::string ended_line(const AccountId& account, LaunchNumber launch, std::string_view how) {
    return Line("ended", account).number("launch", launch.value).word("how", how).end();
}
std::string save_line(const AccountId& account, std::string_view data) {
    return Line("save", account).word("data", data).end();
}

// A line without its account and event cannot be more than this; the data may have escapes.
constexpr ipc::JsonLimits k_limits{4 * LaunchRecord::k_saved_max, 1};

// Whatever is absent or no text is empty, and no number is zero: each event knows what it needs.
std::string text_of(ipc::Fields& line, std::string_view name) {
    std::string text;
    line.text(name, &text, k_limits.size_max);
    return text;
}
std::uint64_t number_of(ipc::Fields& line, std::string_view name) {
    return std::strtoull(text_of(line, name).c_str(), nullptr, 10);
}

// Finds the lines that a later one makes meaningless, by how this program writes them: most of a
// record that has seen an hour are such, and to read them would take most of the time.
class Superseded {
  public:
    // To be asked of one line after the other, from the last to the first.
    bool operator()(std::string_view line) {
        const auto event = text_between(line, "{\"event\":\"");
        const auto account = text_between(line, ",\"account\":\"");
        if (event.empty() || account.empty())
            return false;
        Later& later = later_[account];
        if (event == "save")
            return std::exchange(later.save, true);
        if (event == "launching")
            return std::exchange(later.launching, true);
        return later.launching && (event == "launched" || event == "ended");
    }

  private:
    struct Later {
        bool save = false;
        bool launching = false;
    };
    // What stands between `before`, which the line begins with, and the next quote; takes both off.
    static std::string_view text_between(std::string_view& line, std::string_view before) {
        if (!line.starts_with(before))
            return {};
        line.remove_prefix(before.size());
        const auto text = line.substr(0, line.find('"'));
        line.remove_prefix(std::min(text.size() + 1, line.size()));
        return text;
    }
    std::unordered_map<std::string_view, Later> later_;
};

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (!line.empty())
            lines.push_back(line);
    }
    return lines;
}

}  // namespace

// Takes one line after the other into a record.
class LaunchRecord::Reader {
  public:
    explicit Reader(LaunchRecord& record) : record_(record) {}

    void read(std::string_view text) {
        const auto lines = lines_of(text);
        std::vector<std::string_view> needed;
        Superseded superseded;
        for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
            if (!superseded(*line))
                needed.push_back(*line);
        }
        std::reverse(needed.begin(), needed.end());
        take_all(needed);
        if (record_.dropped_ == 0 || needed.size() == lines.size())
            return;
        // What is damaged may have been what the lines before it were left out for.
        record_.accounts_.clear();
        record_.dropped_ = 0;
        take_all(lines);
    }

  private:
    void take_all(const std::vector<std::string_view>& lines) {
        for (const auto line : lines) {
            const auto document = ipc::JsonDocument::parse(line, k_limits);
            if (!document || !take(ipc::Fields(*document, 0, "launch record")))
                ++record_.dropped_;
        }
    }
    bool take(ipc::Fields line) {
        const std::string event = text_of(line, "event");
        if (event == "record") {
            record_.last_launch_ = {number_of(line, "last_launch")};
            record_.last_fence_ = {number_of(line, "last_fence")};
            return true;
        }
        const auto account = AccountId::parse(text_of(line, "account"));
        if (!account)
            return false;
        const LaunchNumber number{number_of(line, "launch")};
        RecordedLaunch* launch = record_.find(*account, number);
        if (event == "launching")
            return take_launching(*account, number, line);
        if (event == "save") {
            record_.accounts_[*account].saved = text_of(line, "data");
        } else if (event == "forget") {
            record_.accounts_.erase(*account);
        } else if (event == "launched" && launch != nullptr) {
            launch->pid = static_cast<pid_t>(number_of(line, "pid"));
            launch->start_time = number_of(line, "start_time");
        } else if (event == "ended" && launch != nullptr) {
            launch->ended = true;
        } else {
            return event == "launched" || event == "ended";
        }
        return true;
    }
    bool take_launching(const AccountId& account, LaunchNumber number, ipc::Fields& line) {
        const auto nonce = Nonce::parse(text_of(line, "nonce"));
        const auto utc = parse_utc(text_of(line, "utc"));
        if (number.value == 0 || !nonce || !utc)
            return false;
        RecordedLaunch launch;
        launch.launch = number;
        launch.nonce = *nonce;
        launch.fence = Fence{number_of(line, "fence")};
        launch.utc = *utc;
        launch.boot_id = text_of(line, "boot_id");
        launch.fingerprint = number_of(line, "fingerprint");
        record_.note_launching(account, launch);
        return true;
    }
    LaunchRecord& record_;
};

Result<LaunchRecord> LaunchRecord::open(const std::string& path) {
    LaunchRecord record(path);
    auto text = read_file(path, k_file_max);
    if (!text && text.error().code() != std::errc::no_such_file_or_directory)
        return fail(std::move(text).error().wrap("reading the launch record"));
    if (text)
        Reader(record).read(*text);
    // One that is whole serves as it is until there is time.
    if (text && !text->empty() && text->back() == '\n' && record.dropped_ == 0) {
        BULLPEN_TRY(record.file_, open_file(path, O_WRONLY | O_APPEND | O_NOFOLLOW));
        record.size_ = text->size();
        record.compact_at_ = std::max(k_compact_at, k_growth_max * record.size_);
        return record;
    }
    if (auto done = record.compact(); !done) {
        if (!text)
            return fail(std::move(done).error());
        BULLPEN_TRY(record.file_, open_file(path, O_WRONLY | O_APPEND | O_NOFOLLOW));
        record.size_ = text->size();
        record.torn_ = !text->empty() && text->back() != '\n';
    }
    return record;
}

Result<void> LaunchRecord::compact() {
    std::string content = Line("record")
                              .number("version", 1)
                              .number("last_launch", last_launch_.value)
                              .number("last_fence", last_fence_.value)
                              .end();
    for (const auto& [account, recorded] : accounts_) {
        if (const auto& launch = recorded.launch) {
            content += launching_line(account, *launch);
            if (launch->pid != 0)
                content += launched_line(account, launch->launch, launch->pid, launch->start_time);
            if (launch->ended)
                content += ended_line(account, launch->launch, "");
        }
        if (!recorded.saved.empty())
            content += save_line(account, recorded.saved);
    }
    // When it fails, the next try is worth while only once the file has grown again.
    compact_at_ = std::max(k_compact_at, k_growth_max * std::max(content.size(), size_));
    const std::string fresh = path_ + ".new";
    BULLPEN_TRY(Descriptor file,
                open_file(fresh, O_WRONLY | O_APPEND | O_CREAT | O_TRUNC | O_NOFOLLOW, k_mode));
    BULLPEN_CHECK(write_all(file.get(), content));
    if (::rename(fresh.c_str(), path_.c_str()) != 0)
        return fail_errno("cannot replace " + path_);
    file_ = std::move(file);
    size_ = content.size();
    compact_at_ = std::max(k_compact_at, k_growth_max * size_);
    torn_ = false;
    return {};
}

Result<void> LaunchRecord::append(std::string_view line) {
    // Before the write: what is in memory then says no less than the file.
    if (size_ > compact_at_)
        (void)compact();
    const std::string whole = torn_ ? "\n" + std::string(line) : std::string(line);
    const ssize_t written = ::write(file_.get(), whole.data(), whole.size());
    if (written == static_cast<ssize_t>(whole.size())) {
        size_ += whole.size();
        torn_ = false;
        return {};
    }
    const int error = written < 0 ? errno : ENOSPC;
    if (written > 0 && ::ftruncate(file_.get(), static_cast<off_t>(size_)) != 0) {
        size_ += static_cast<std::uint64_t>(written);
        torn_ = true;
    }
    return fail(Error::from_errno(error, "cannot write the launch record " + path_));
}

const RecordedLaunch* LaunchRecord::launch_of(const AccountId& account) const {
    const auto found = accounts_.find(account);
    return found != accounts_.end() && found->second.launch ? &*found->second.launch : nullptr;
}

RecordedLaunch* LaunchRecord::find(const AccountId& account, LaunchNumber launch) {
    const auto found = accounts_.find(account);
    const bool is_it =
        found != accounts_.end() && found->second.launch && found->second.launch->launch == launch;
    return is_it ? &*found->second.launch : nullptr;
}

void LaunchRecord::note_launching(const AccountId& account, const RecordedLaunch& launch) {
    last_launch_ = std::max(last_launch_, launch.launch);
    last_fence_ = std::max(last_fence_, launch.fence);
    RecordedLaunch& kept = accounts_[account].launch.emplace(launch);
    kept.pid = 0;
    kept.start_time = 0;
    kept.ended = false;
}

Result<void> LaunchRecord::launching(const AccountId& account, const RecordedLaunch& launch) {
    BULLPEN_CHECK(append(launching_line(account, launch)));
    note_launching(account, launch);
    return {};
}

Result<void> LaunchRecord::launched(const AccountId& account, LaunchNumber launch, pid_t pid,
                                    std::uint64_t start_time) {
    if (RecordedLaunch* kept = find(account, launch); kept != nullptr) {
        kept->pid = pid;
        kept->start_time = start_time;
    }
    return append(launched_line(account, launch, pid, start_time));
}

Result<void> LaunchRecord::ended(const AccountId& account, LaunchNumber launch,
                                 std::string_view how) {
    if (RecordedLaunch* kept = find(account, launch); kept != nullptr)
        kept->ended = true;
    return append(ended_line(account, launch, how));
}

Result<void> LaunchRecord::save(const AccountId& account, std::string_view data) {
    if (data.size() > k_saved_max)
        return fail(Errc::too_large, "what is saved for account " + account.str() + " is " +
                                         std::to_string(data.size()) + " bytes");
    accounts_[account].saved = data;
    return append(save_line(account, data));
}

Result<void> LaunchRecord::forget(const AccountId& account) {
    accounts_.erase(account);
    return append(Line("forget", account).end());
}

}  // namespace bullpen::process
