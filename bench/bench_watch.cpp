// 500 holdings watched by one worker, a quote a second each: how long from the instant at which all
// of a second's prices are in the worker's socket to the decision about the last of them, and what
// part of a core the watchdog takes. The job itself runs, with its files on this disk, over the
// worker's own port: socket, lines, JSON, decisions. The broker is a list in the process behind
// that socket, which writes the same lines as the exchange; its own work is not counted.
//
// The floor is the reading of those prices alone, from the socket to their values.
#include <cstdio>
#include <cstring>
#include <map>

#include "bench/support/command_line.hpp"
#include "bench/support/json_line.hpp"
#include "bench/support/process.hpp"
#include "common/storage/file_system.hpp"
#include "tests/support/temporary.hpp"
#include "worker/broker/share_port.hpp"
#include "worker/jobs/registry.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <ctime>

namespace {

using namespace bullpen;
using namespace bullpen::bench;

constexpr int k_shares = 500;
constexpr int k_seconds = 600;
constexpr std::int64_t k_paid = 100'000;

std::int64_t cpu_ns() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

// The system's files, and how many were made.
class CountedFiles final : public storage::FileSystem {
  public:
    [[nodiscard]] int made() const { return made_; }

    Result<std::unique_ptr<storage::AppendFile>> create(const std::string& path,
                                                        mode_t mode) override {
        ++made_;
        return files_.create(path, mode);
    }
    Result<std::unique_ptr<storage::AppendFile>> open_append(const std::string& path,
                                                             mode_t mode) override {
        return files_.open_append(path, mode);
    }
    Result<std::string> read(const std::string& path, std::size_t size_max) override {
        return files_.read(path, size_max);
    }
    Result<std::string> read_tail(const std::string& path, std::size_t size_max) override {
        return files_.read_tail(path, size_max);
    }
    Result<storage::FileStatus> status(const std::string& path) override {
        return files_.status(path);
    }
    Result<std::vector<std::string>> list(const std::string& directory) override {
        return files_.list(directory);
    }
    Result<void> rename(const std::string& from, const std::string& to) override {
        return files_.rename(from, to);
    }
    Result<void> link(const std::string& existing, const std::string& name) override {
        return files_.link(existing, name);
    }
    Result<void> remove(const std::string& path) override { return files_.remove(path); }
    Result<void> sync_directory(const std::string& directory) override {
        return files_.sync_directory(directory);
    }
    Result<void> make_directories(const std::string& path, mode_t mode) override {
        return files_.make_directories(path, mode);
    }

  private:
    storage::SystemFileSystem files_;
    int made_ = 0;
};

std::string symbol_of(int i) {
    return "S" + std::to_string(1000 + i);
}

constexpr const char* k_account = "bench";

// Holds 500 shares, each with a stop, and answers over a socket what it is asked.
class ListBroker {
  public:
    ListBroker(const std::string& path, UtcTime opens) : opens_(opens) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
        listener_ = Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        require(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address),
                       sizeof address) == 0 &&
                    ::listen(listener_.get(), 1) == 0,
                "the broker listens");
    }

    // The prices of a second.
    void second(int second) {
        at_ = opens_ + std::chrono::seconds(second);
        for (int i = 0; i < k_shares; ++i) {
            // Slowly up and down by a thousandth: it moves no stop at the broker.
            const std::int64_t wave = (second * 7 + i * 13) % 200;
            last_[symbol_of(i)] = k_paid + (wave < 100 ? wave : 200 - wave);
        }
    }
    [[nodiscard]] std::size_t orders() const { return orders_; }
    // Prices that are on their way.
    [[nodiscard]] std::size_t quoted() const { return quoted_; }

    // Reads what has come and writes the answers. Whether there was anything to do.
    bool serve() {
        if (!socket_.valid())
            socket_ = Descriptor(
                ::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
        std::array<char, 65536> buffer{};
        const auto got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
        if (got > 0)
            lines_.add({buffer.data(), static_cast<std::size_t>(got)});
        while (const auto line = lines_.next()) {
            const auto request = ipc::decode_venue_request(*line);
            require(request.has_value(), "the worker's request was read");
            answer(*request);
        }
        const auto before = unsent_.size();
        const auto sent = ::send(socket_.get(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
        if (sent > 0)
            unsent_.erase(0, static_cast<std::size_t>(sent));
        return got > 0 || before > unsent_.size();
    }

  private:
    void say(ipc::VenueReplyKind kind, std::uint64_t id, std::string result = {}) {
        ipc::VenueReply reply;
        reply.kind = kind;
        reply.id = id;
        reply.account = k_account;
        reply.result = std::move(result);
        unsent_ += encode(reply);
    }
    void answer(const ipc::VenueRequest& request) {
        if (request.kind == ipc::VenueRequestKind::hello)
            return say(ipc::VenueReplyKind::welcome, request.id);
        if (request.kind == ipc::VenueRequestKind::ping)
            return say(ipc::VenueReplyKind::pong, request.id);
        const auto asked = ipc::decode_share_request(request.arguments);
        require(asked.has_value(), "the worker's question was read");
        auto whole = told(*asked);
        whole.command = asked->command;
        pages(request.id, whole);
    }
    ipc::ShareReply told(const ipc::ShareRequest& asked) {
        ipc::ShareReply reply;
        switch (asked.command) {
            case ipc::ShareCommand::account:
                for (int i = 0; i < k_shares; ++i)
                    reply.held.push_back({symbol_of(i), {100, 0, 0}, 100, 0});
                break;
            case ipc::ShareCommand::triggers:
                for (const auto& [number, trigger] : triggers_)
                    reply.triggers.push_back(trigger);
                break;
            case ipc::ShareCommand::quotes:
                for (const auto& symbol : asked.symbols)
                    reply.quotes.push_back(
                        {symbol, {last_[symbol]}, {90'000}, {110'000}, {5}, {99'000}, {k_paid}});
                quoted_ += reply.quotes.size();
                break;
            case ipc::ShareCommand::place_trigger: reply.number = place(asked); break;
            case ipc::ShareCommand::delete_trigger:
                ++orders_;
                triggers_.erase(asked.number);
                break;
            default: break;
        }
        return reply;
    }
    std::uint64_t place(const ipc::ShareRequest& asked) {
        ++orders_;
        ipc::ShareTriggerTold trigger;
        trigger.number = ++number_;
        trigger.symbol = asked.symbol;
        trigger.side = model::Side::sell;
        trigger.status = matching::TriggerStatus::active;
        trigger.first = asked.first;
        triggers_[trigger.number] = trigger;
        return trigger.number;
    }
    template <class T>
    static void cut(const std::vector<T>& list, std::size_t page, std::vector<T>& to) {
        const auto first = std::min(page * ipc::k_share_page_max, list.size());
        const auto last = std::min(first + ipc::k_share_page_max, list.size());
        to.assign(list.begin() + static_cast<std::ptrdiff_t>(first),
                  list.begin() + static_cast<std::ptrdiff_t>(last));
    }
    void pages(std::uint64_t id, const ipc::ShareReply& whole) {
        const auto most = std::max(
            {whole.held.size(), whole.triggers.size(), whole.quotes.size(), std::size_t{1}});
        for (std::size_t page = 0; page * ipc::k_share_page_max < most; ++page) {
            ipc::ShareReply one;
            one.command = whole.command;
            one.number = whole.number;
            one.market_time = at_;
            one.open = true;
            one.more = (page + 1) * ipc::k_share_page_max < most;
            cut(whole.held, page, one.held);
            cut(whole.triggers, page, one.triggers);
            cut(whole.quotes, page, one.quotes);
            say(ipc::VenueReplyKind::shares, id, encode(one));
        }
    }

    UtcTime opens_;
    UtcTime at_{};
    Descriptor listener_;
    Descriptor socket_;
    ipc::LineSplitter lines_;
    std::string unsent_;
    std::map<std::string, std::int64_t> last_;
    std::map<std::uint64_t, ipc::ShareTriggerTold> triggers_;
    std::uint64_t number_ = 0;
    std::size_t orders_ = 0;
    std::size_t quoted_ = 0;
};

// The port, and when the last price that it had was decided about: an answer is told to have
// another part, and by the time that one is asked for, everything in those before it is decided.
class TimedReader final : public broker::ShareReader {
  public:
    explicit TimedReader(broker::SharePort& port) : port_(port) {}

    [[nodiscard]] std::int64_t decided() const { return decided_; }

    [[nodiscard]] bool connected() const override { return port_.connected(); }
    broker::Ticket ask_account(Instant now) override { return port_.ask_account(now); }
    broker::Ticket ask_orders(Instant now) override { return port_.ask_orders(now); }
    broker::Ticket ask_triggers(Instant now) override { return port_.ask_triggers(now); }
    broker::Ticket ask_quotes(std::vector<std::string> symbols, Instant now) override {
        return port_.ask_quotes(std::move(symbols), now);
    }
    std::optional<broker::ShareAnswer> take(broker::Ticket ticket) override {
        if (last_ && last_->first == ticket) {
            decided_ = mono_ns();
            return std::exchange(last_, {})->second;
        }
        auto answer = port_.take(ticket);
        if (answer && answer->reply.command == ipc::ShareCommand::quotes && !answer->reply.more) {
            auto quotes = std::move(answer->reply.quotes);
            answer->reply.quotes.clear();
            last_.emplace(ticket, *answer);
            answer->reply.quotes = std::move(quotes);
            answer->reply.more = true;
        }
        return answer;
    }

  private:
    broker::SharePort& port_;
    std::optional<std::pair<broker::Ticket, broker::ShareAnswer>> last_;
    std::int64_t decided_ = 0;
};

void write_candles(const std::string& folder) {
    require(::mkdir(folder.c_str(), 0700) == 0, "made the folder of candles");
    std::string text = "date,open,high,low,close\n";
    for (int day = 1; day <= 30; ++day) {
        const auto date =
            format_utc(UtcTime(std::chrono::sys_days(std::chrono::year(2026) / 6 / 5)) +
                       std::chrono::days(day))
                .substr(0, 10);
        text += date + ",1000,1015,985,1000\n";
    }
    for (int i = 0; i < k_shares; ++i)
        test::write_text(folder + "/" + symbol_of(i) + "_day.csv", text);
}

// The watchdog over the port, with market time of its own.
class Watched {
  public:
    Watched(const std::string& folder, const std::string& venue)
        : broker_(venue, opens()), port_(make_port(venue)), reader_(*port_) {
        paths_.directory = folder + "/bench";
        require(::mkdir(paths_.directory.c_str(), 0700) == 0, "made the account's directory");
        write_candles(folder + "/candles");
        settings_.watch.rule = config::WatchRule::atr;
        settings_.watch.poll = std::chrono::seconds(1);
        facts_.account = "bench";
        facts_.trading_day = "2026-07-06";
        facts_.trading_day_before = "2026-07-03";
        facts_.day_closes = *parse_utc("2026-07-06T10:00:00Z");
        broker_.second(0);
        port_->permit(broker::SharePermit::all);
        const jobs::JobGrounds grounds{facts_, paths_,  settings_,          files_,
                                       false,  nullptr, folder + "/candles"};
        job_ = jobs::make_hourly_candle_watchdog(
            jobs::ProtectionRole{{grounds}, reader_, *port_, "BENC"});
        port_->connect(instant());
    }

    // Until every share has its stop at the broker: so many orders a second are taken.
    void protect_all() {
        while (broker_.orders() < k_shares)
            pass_tenth();
        for (int i = 0; i < 100; ++i)
            pass_tenth();
        require(broker_.orders() == k_shares, "every share has one stop");
    }

    void pass(int second) {
        broker_.second(second);
        now_ += std::chrono::seconds(1);
        const auto made = files_.made();
        const auto quoted = broker_.quoted();
        use();
        while (broker_.serve()) {
        }
        if (broker_.quoted() == quoted)
            return look_at_everything();
        require(broker_.quoted() == quoted + k_shares, "it asked for all prices at once");
        // As in a worker, which sleeps until they are there.
        ::usleep(1000);
        const auto there = mono_ns();
        const auto cpu = cpu_ns();
        (void)port_->poll(instant());
        read_ += cpu_ns() - cpu;
        while (step() <= now_) {
        }
        used_ += cpu_ns() - cpu;
        require(reader_.decided() > there, "every price was decided about");
        decisions_.push_back(static_cast<double>(reader_.decided() - there) / 1e3);
        kept_ += files_.made() > made ? 1 : 0;
        talk();
    }

    void print(std::int64_t took) {
        require(wholes_ < k_seconds / 100, "it asks for prices alone, but for a few times");
        JsonLine("watch")
            .add("n", k_shares)
            .add("decision_us", median(decisions_))
            .add("decision_p99_us", quantile(decisions_, 0.99))
            .add("kept", kept_)
            .add("core_percent", static_cast<double>(used_) / k_seconds / 1e9 * 100)
            .add("floor_percent", static_cast<double>(read_) / k_seconds / 1e9 * 100)
            .add("ratio", static_cast<double>(used_) / static_cast<double>(read_))
            .add("wall_ms", ms(took))
            .print();
    }

  private:
    static UtcTime opens() { return *parse_utc("2026-07-06T03:45:00Z"); }
    static std::unique_ptr<broker::SharePort> make_port(const std::string& venue) {
        broker::VenuePortSettings wire;
        wire.socket = venue;
        wire.account = k_account;
        return std::move(*broker::SharePort::make(std::move(wire)));
    }

    [[nodiscard]] Instant instant() const { return {opens(), now_}; }
    MonoTime step() {
        const auto progress = job_->step(instant());
        require(std::holds_alternative<jobs::Later>(progress), "it goes on");
        return std::get<jobs::Later>(progress).at;
    }
    void talk() {
        while (broker_.serve())
            (void)port_->poll(instant());
    }
    void pass_tenth() {
        talk();
        (void)step();
        now_ += std::chrono::milliseconds(100);
    }
    void use() {
        const auto cpu = cpu_ns();
        (void)port_->poll(instant());
        (void)step();
        used_ += cpu_ns() - cpu;
    }
    // As it does every few minutes.
    void look_at_everything() {
        ++wholes_;
        talk();
        for (int i = 0; i < 10; ++i) {
            use();
            talk();
        }
    }

    CountedFiles files_;
    AccountPaths paths_;
    config::JobsSettings settings_;
    jobs::AccountFacts facts_;
    ListBroker broker_;
    std::unique_ptr<broker::SharePort> port_;
    TimedReader reader_;
    std::unique_ptr<jobs::Job> job_;
    MonoTime now_{std::chrono::hours(1)};
    std::vector<double> decisions_;
    int kept_ = 0;
    int wholes_ = 0;
    std::int64_t used_ = 0;
    std::int64_t read_ = 0;
};

}  // namespace

int main(int argc, char**) try {
    require(argc == 1, "it takes no arguments");
    const test::TemporaryDirectory directory;
    Watched watched(directory.file(""), directory.file("venue"));
    watched.protect_all();
    const auto began = mono_ns();
    for (int second = 1; second <= k_seconds; ++second)
        watched.pass(second);
    watched.print(mono_ns() - began);
    return 0;
} catch (const bullpen::bench::Unmeasured& why) {
    return bullpen::bench::give_up(why);
}
