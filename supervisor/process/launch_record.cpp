#include "supervisor/process/launch_record.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/base/errc.hpp"
#include "ipc/json_reader.hpp"
#include "ipc/json_writer.hpp"

namespace bullpen::process {
namespace {

using ipc::JsonLine;

std::string launching_line(const AccountId& account, const RecordedLaunch& launch) {
    return JsonLine("launching", account)
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
    return JsonLine("launched", account)
        .number("launch", launch.value)
        .number("pid", static_cast<std::uint64_t>(pid))
        .number("start_time", start_time)
        .end();
}
std::string ended_line(const AccountId& account, LaunchNumber launch, std::string_view how) {
    return JsonLine("ended", account).number("launch", launch.value).word("how", how).end();
}
std::string save_line(const AccountId& account, std::string_view data) {
    return JsonLine("save", account).word("data", data).end();
}

// A line without its account and event cannot be more than this; the data may have escapes.
constexpr ipc::JsonLimits k_limits{4 * LaunchRecord::k_saved_max, 1};

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

}  // namespace

// Takes one line after the other into a record.
class LaunchRecord::Reader {
  public:
    explicit Reader(LaunchRecord& record) : record_(record) {}

    void read(std::string_view text) {
        const auto lines = storage::lines_of(text);
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
        const std::string event = line.text_of("event");
        if (event == "record") {
            record_.last_launch_ = {line.number_of("last_launch")};
            record_.last_fence_ = {line.number_of("last_fence")};
            return true;
        }
        const auto account = AccountId::parse(line.text_of("account"));
        if (!account)
            return false;
        const LaunchNumber number{line.number_of("launch")};
        RecordedLaunch* launch = record_.find(*account, number);
        if (event == "launching")
            return take_launching(*account, number, line);
        if (event == "save") {
            record_.accounts_[*account].saved = line.text_of("data");
        } else if (event == "forget") {
            record_.accounts_.erase(*account);
        } else if (event == "launched" && launch != nullptr) {
            launch->pid = static_cast<pid_t>(line.number_of("pid"));
            launch->start_time = line.number_of("start_time");
        } else if (event == "ended" && launch != nullptr) {
            launch->ended = true;
        } else {
            return event == "launched" || event == "ended";
        }
        return true;
    }
    bool take_launching(const AccountId& account, LaunchNumber number, ipc::Fields& line) {
        const auto nonce = Nonce::parse(line.text_of("nonce"));
        const auto utc = parse_utc(line.text_of("utc"));
        if (number.value == 0 || !nonce || !utc)
            return false;
        RecordedLaunch launch;
        launch.launch = number;
        launch.nonce = *nonce;
        launch.fence = Fence{line.number_of("fence")};
        launch.utc = *utc;
        launch.boot_id = line.text_of("boot_id");
        launch.fingerprint = line.number_of("fingerprint");
        record_.note_launching(account, launch);
        return true;
    }
    LaunchRecord& record_;
};

Result<LaunchRecord> LaunchRecord::open(const std::string& path) {
    LaunchRecord record(path);
    auto text = record.file_.open();
    if (!text)
        return fail(std::move(text).error().wrap("reading the launch record"));
    Reader(record).read(*text);
    // One that is whole serves as it is until there is time; on a full disk, one that is not, too.
    if (text->empty() || record.file_.torn() || record.dropped_ != 0) {
        if (auto done = record.compact(); !done && !record.file_.is_open())
            return fail(std::move(done).error());
    }
    return record;
}

Result<void> LaunchRecord::compact() {
    std::string content = JsonLine("record")
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
    return file_.replace(content);
}

Result<void> LaunchRecord::append(std::string_view line) {
    // Before the write: what is in memory then says no less than the file.
    if (file_.overgrown())
        (void)compact();
    return file_.append(line);
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
    return append(JsonLine("forget", account).end());
}

}  // namespace bullpen::process
