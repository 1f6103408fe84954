#include "supervisor/process/launch_record.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <nlohmann/json.hpp>

#include "common/base/descriptor.hpp"
#include "common/base/errc.hpp"

namespace bullpen::process {
namespace {

using nlohmann::json;

constexpr int k_version = 1;
constexpr mode_t k_mode = 0600;
// Rewritten while running once it is this large and this many times what it need be.
constexpr std::uint64_t k_compact_at = 1024UL * 1024;
constexpr std::uint64_t k_growth_max = 4;

// Builds one line. A hand-written writer, because a launch waits for it.
class Line {
  public:
    explicit Line(std::string& out, std::string_view event) : out_(out) {
        out_ += R"({"event":")";
        out_ += event;
        out_ += '"';
    }
    Line& text(std::string_view key, std::string_view value) {
        begin(key);
        out_ += '"';
        for (const char c : value)
            escape(c);
        out_ += '"';
        return *this;
    }
    template <class Integer>
    Line& number(std::string_view key, Integer value) {
        begin(key);
        char digits[24];
        const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
        out_.append(digits, end);
        return *this;
    }
    Line& truth(std::string_view key, bool value) {
        begin(key);
        out_ += value ? "true" : "false";
        return *this;
    }
    void end() { out_ += "}\n"; }

  private:
    void begin(std::string_view key) {
        out_ += ",\"";
        out_ += key;
        out_ += "\":";
    }
    void escape(char c) {
        static constexpr char k_hex[] = "0123456789abcdef";
        if (c == '"' || c == '\\') {
            out_ += '\\';
            out_ += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out_ += "\\u00";
            out_ += k_hex[static_cast<unsigned char>(c) >> 4U];
            out_ += k_hex[static_cast<unsigned char>(c) & 15U];
        } else {
            out_ += c;
        }
    }
    std::string& out_;
};

void write_launching(std::string& out, const AccountId& account, const RecordedLaunch& launch) {
    Line(out, "launching")
        .text("account", account.str())
        .number("launch", launch.launch.value)
        .text("nonce", launch.nonce.hex())
        .number("fence", launch.fence.value)
        .text("utc", format_utc_nanos(launch.utc))
        .text("boot_id", launch.boot_id)
        .number("fingerprint", launch.fingerprint)
        .end();
}
void write_launched(std::string& out, const AccountId& account, LaunchNumber launch, pid_t pid,
                    std::uint64_t start_time) {
    Line(out, "launched")
        .text("account", account.str())
        .number("launch", launch.value)
        .number("pid", pid)
        .number("start_time", start_time)
        .end();
}
void write_ended(std::string& out, const AccountId& account, LaunchNumber launch,
                 std::string_view how) {
    Line(out, "ended")
        .text("account", account.str())
        .number("launch", launch.value)
        .text("how", how)
        .end();
}
void write_wish(std::string& out, const AccountId& account, bool wanted) {
    Line(out, "wish").text("account", account.str()).truth("wanted", wanted).end();
}
void write_saved(std::string& out, const AccountId& account, std::string_view data) {
    Line(out, "save").text("account", account.str()).text("data", data).end();
}

const json* find(const json& line, const char* key) {
    const auto found = line.find(key);
    return found == line.end() ? nullptr : &*found;
}
std::string_view text_of(const json& line, const char* key) {
    const json* value = find(line, key);
    return value != nullptr && value->is_string()
               ? std::string_view(*value->get_ptr<const std::string*>())
               : std::string_view();
}
std::uint64_t number_of(const json& line, const char* key) {
    const json* value = find(line, key);
    return value != nullptr && value->is_number_unsigned() ? value->get<std::uint64_t>() : 0;
}

}  // namespace

class LaunchRecord::Impl {
  public:
    explicit Impl(std::string path) : path_(std::move(path)) {}

    Result<void> open() {
        auto text = read_file(path_, k_file_max);
        if (!text && text.error().code() != std::errc::no_such_file_or_directory)
            return fail(std::move(text).error().wrap("reading the launch record"));
        if (text)
            load(*text);
        // On a full disk the old file serves: the workers in it must be found all the same.
        if (auto done = compact(); !done && !text)
            return done;
        if (!file_.valid()) {
            BULLPEN_TRY(file_, open_file(path_, O_WRONLY | O_APPEND | O_NOFOLLOW));
            size_ = text->size();
            torn_ = !text->empty() && text->back() != '\n';
        }
        return {};
    }

    Result<void> compact() {
        const std::string fresh = path_ + ".new";
        std::string content;
        Line(content, "record")
            .number("version", k_version)
            .number("last_launch", last_launch_.value)
            .number("last_fence", last_fence_.value)
            .end();
        for (const auto& [account, recorded] : accounts_)
            write_account(content, account, recorded);
        compact_at_ = std::max({k_compact_at, k_growth_max * content.size(), 2 * size_});
        BULLPEN_TRY(Descriptor file,
                    open_file(fresh, O_WRONLY | O_APPEND | O_CREAT | O_TRUNC | O_NOFOLLOW, k_mode));
        BULLPEN_CHECK(write_all(file.get(), content));
        if (::rename(fresh.c_str(), path_.c_str()) != 0)
            return fail_errno("cannot replace " + path_);
        file_ = std::move(file);
        size_ = content.size();
        torn_ = false;
        compact_at_ = std::max(k_compact_at, k_growth_max * size_);
        return {};
    }

    // Starts a line; `write` appends what was put into it.
    std::string& line() {
        line_.clear();
        if (torn_)
            line_ += '\n';
        return line_;
    }
    Result<void> write() {
        ssize_t written = 0;
        do {
            written = ::write(file_.get(), line_.data(), line_.size());
        } while (written < 0 && errno == EINTR);
        if (written == static_cast<ssize_t>(line_.size())) {
            size_ += line_.size();
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
    void tidy() {
        if (size_ > compact_at_)
            (void)compact();
    }

    void note_launching(const AccountId& account, const RecordedLaunch& launch) {
        last_launch_ = std::max(last_launch_, launch.launch);
        last_fence_ = std::max(last_fence_, launch.fence);
        RecordedLaunch& kept = accounts_[account].launch.emplace(launch);
        kept.pid = 0;
        kept.start_time = 0;
        kept.ended = false;
    }
    void note_launched(const AccountId& account, LaunchNumber launch, pid_t pid,
                       std::uint64_t start_time) {
        if (RecordedLaunch* kept = find_launch(account, launch); kept != nullptr) {
            kept->pid = pid;
            kept->start_time = start_time;
        }
    }
    void note_ended(const AccountId& account, LaunchNumber launch) {
        if (RecordedLaunch* kept = find_launch(account, launch); kept != nullptr)
            kept->ended = true;
    }

    std::map<AccountId, RecordedAccount> accounts_;
    LaunchNumber last_launch_;
    Fence last_fence_;
    std::size_t dropped_ = 0;

  private:
    RecordedLaunch* find_launch(const AccountId& account, LaunchNumber launch) {
        const auto found = accounts_.find(account);
        if (found == accounts_.end() || !found->second.launch ||
            found->second.launch->launch != launch)
            return nullptr;
        return &*found->second.launch;
    }

    static void write_account(std::string& out, const AccountId& account,
                              const RecordedAccount& recorded) {
        if (recorded.launch) {
            const RecordedLaunch& launch = *recorded.launch;
            write_launching(out, account, launch);
            if (launch.pid != 0)
                write_launched(out, account, launch.launch, launch.pid, launch.start_time);
            if (launch.ended)
                write_ended(out, account, launch.launch, "");
        }
        if (recorded.wanted)
            write_wish(out, account, *recorded.wanted);
        if (!recorded.saved.empty())
            write_saved(out, account, recorded.saved);
    }

    void load(std::string_view text) {
        while (!text.empty()) {
            const std::string_view one = text.substr(0, text.find('\n'));
            text.remove_prefix(std::min(one.size() + 1, text.size()));
            if (one.empty())
                continue;
            const json line = json::parse(one, nullptr, false);
            if (!line.is_object() || !load_line(line))
                ++dropped_;
        }
    }

    bool load_line(const json& line) {
        const std::string_view event = text_of(line, "event");
        if (event == "record") {
            last_launch_.value = std::max(last_launch_.value, number_of(line, "last_launch"));
            last_fence_.value = std::max(last_fence_.value, number_of(line, "last_fence"));
            return true;
        }
        const auto account = AccountId::parse(text_of(line, "account"));
        if (!account)
            return false;
        const LaunchNumber launch{number_of(line, "launch")};
        if (event == "launching")
            return load_launching(*account, launch, line);
        if (event == "launched") {
            note_launched(*account, launch, static_cast<pid_t>(number_of(line, "pid")),
                          number_of(line, "start_time"));
        } else if (event == "ended") {
            note_ended(*account, launch);
        } else if (event == "wish") {
            const json* wanted = find(line, "wanted");
            if (wanted == nullptr || !wanted->is_boolean())
                return false;
            accounts_[*account].wanted = wanted->get<bool>();
        } else if (event == "save") {
            accounts_[*account].saved = text_of(line, "data");
        } else if (event == "forget") {
            accounts_.erase(*account);
        } else {
            return false;
        }
        return true;
    }

    bool load_launching(const AccountId& account, LaunchNumber number, const json& line) {
        const auto nonce = Nonce::parse(text_of(line, "nonce"));
        const auto utc = parse_utc(text_of(line, "utc"));
        if (number.value == 0 || !nonce || !utc)
            return false;
        RecordedLaunch launch;
        launch.launch = number;
        launch.nonce = *nonce;
        launch.fence.value = number_of(line, "fence");
        launch.utc = *utc;
        launch.boot_id = text_of(line, "boot_id");
        launch.fingerprint = number_of(line, "fingerprint");
        note_launching(account, launch);
        return true;
    }

    std::string path_;
    Descriptor file_;
    std::uint64_t size_ = 0;
    std::uint64_t compact_at_ = k_compact_at;
    bool torn_ = false;  // the file ends in the middle of a line
    std::string line_;
};

LaunchRecord::LaunchRecord(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
LaunchRecord::LaunchRecord(LaunchRecord&&) noexcept = default;
LaunchRecord& LaunchRecord::operator=(LaunchRecord&&) noexcept = default;
LaunchRecord::~LaunchRecord() = default;

Result<LaunchRecord> LaunchRecord::open(const std::string& path) {
    auto impl = std::make_unique<Impl>(path);
    BULLPEN_CHECK(impl->open());
    return LaunchRecord(std::move(impl));
}

const std::map<AccountId, RecordedAccount>& LaunchRecord::accounts() const {
    return impl_->accounts_;
}
LaunchNumber LaunchRecord::last_launch() const {
    return impl_->last_launch_;
}
Fence LaunchRecord::last_fence() const {
    return impl_->last_fence_;
}
std::size_t LaunchRecord::dropped() const {
    return impl_->dropped_;
}

Result<void> LaunchRecord::launching(const AccountId& account, const RecordedLaunch& launch) {
    write_launching(impl_->line(), account, launch);
    BULLPEN_CHECK(impl_->write());
    impl_->note_launching(account, launch);
    impl_->tidy();
    return {};
}

Result<void> LaunchRecord::launched(const AccountId& account, LaunchNumber launch, pid_t pid,
                                    std::uint64_t start_time) {
    // Known from here on even where it cannot be written: the process runs.
    impl_->note_launched(account, launch, pid, start_time);
    write_launched(impl_->line(), account, launch, pid, start_time);
    return impl_->write();
}

Result<void> LaunchRecord::ended(const AccountId& account, LaunchNumber launch,
                                 std::string_view how) {
    impl_->note_ended(account, launch);
    write_ended(impl_->line(), account, launch, how);
    return impl_->write();
}

Result<void> LaunchRecord::wish(const AccountId& account, bool wanted) {
    impl_->accounts_[account].wanted = wanted;
    write_wish(impl_->line(), account, wanted);
    return impl_->write();
}

Result<void> LaunchRecord::save(const AccountId& account, std::string_view data) {
    if (data.size() > k_saved_max)
        return fail(Errc::too_large, "what is saved for account " + account.str() + " is " +
                                         std::to_string(data.size()) + " bytes");
    impl_->accounts_[account].saved = data;
    write_saved(impl_->line(), account, data);
    BULLPEN_CHECK(impl_->write());
    impl_->tidy();
    return {};
}

Result<void> LaunchRecord::forget(const AccountId& account) {
    impl_->accounts_.erase(account);
    Line(impl_->line(), "forget").text("account", account.str()).end();
    return impl_->write();
}

Result<void> LaunchRecord::adopted(const AccountId& account, const RecordedLaunch& launch) {
    BULLPEN_CHECK(launching(account, launch));
    return launched(account, launch.launch, launch.pid, launch.start_time);
}

Result<void> LaunchRecord::compact() {
    return impl_->compact();
}

}  // namespace bullpen::process
