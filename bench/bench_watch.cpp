// 500 holdings watched by one worker, a quote a second each: how long from the answer of the broker
// with a share's price to the decision about it, and what part of a core the watchdog takes. The
// job itself runs, with its files on this disk; the broker is a list in the process that answers
// with the same JSON as the exchange, which is read as a worker reads it. Its own work is not
// counted.
//
// The floor is the reading of those answers alone.
#include <cstdio>
#include <map>

#include "bench/support/command_line.hpp"
#include "bench/support/json_line.hpp"
#include "bench/support/process.hpp"
#include "common/storage/file_system.hpp"
#include "tests/support/temporary.hpp"
#include "worker/jobs/registry.hpp"

#include <sys/stat.h>
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

// Holds 500 shares, each with a stop; answers are made before they are asked for.
class ListBroker final : public broker::ShareReader, public broker::ShareProtector {
  public:
    explicit ListBroker(UtcTime opens) : opens_(opens) {}

    // The prices of a second.
    void second(int second) {
        at_ = opens_ + std::chrono::seconds(second);
        for (int i = 0; i < k_shares; ++i) {
            // Slowly up and down by a thousandth: it moves no stop at the broker.
            const std::int64_t wave = (second * 7 + i * 13) % 200;
            last_[symbol_of(i)] = k_paid + (wave < 100 ? wave : 200 - wave);
        }
    }
    [[nodiscard]] std::int64_t reading_ns() const { return reading_ns_; }
    [[nodiscard]] std::int64_t own_ns() const { return own_ns_; }
    [[nodiscard]] std::size_t orders() const { return orders_; }
    // When the newest answer with prices was there.
    [[nodiscard]] std::int64_t answered() const { return answered_; }

    [[nodiscard]] bool connected() const override { return true; }
    broker::Ticket ask_account(Instant) override {
        ipc::ShareReply reply;
        for (int i = 0; i < k_shares; ++i)
            reply.held.push_back({symbol_of(i), {100, 0, 0}, 100, 0});
        return answer(ipc::ShareCommand::account, std::move(reply));
    }
    broker::Ticket ask_orders(Instant) override { return answer(ipc::ShareCommand::orders, {}); }
    broker::Ticket ask_triggers(Instant) override {
        ipc::ShareReply reply;
        for (const auto& [number, trigger] : triggers_)
            reply.triggers.push_back(trigger);
        return answer(ipc::ShareCommand::triggers, std::move(reply));
    }
    broker::Ticket ask_quotes(std::vector<std::string> symbols, Instant) override {
        ipc::ShareReply reply;
        for (const auto& symbol : symbols)
            reply.quotes.push_back(
                {symbol, {last_[symbol]}, {90'000}, {110'000}, {5}, {99'000}, {k_paid}});
        return answer(ipc::ShareCommand::quotes, std::move(reply));
    }
    std::optional<broker::ShareAnswer> take(broker::Ticket ticket) override {
        const auto found = answers_.find(ticket);
        if (found == answers_.end())
            return std::nullopt;
        answered_ = mono_ns();
        const auto before = cpu_ns();
        broker::ShareAnswer answer;
        answer.outcome = broker::Outcome::accepted;
        for (const auto& text : found->second) {
            auto page = ipc::decode_share_reply(text);
            require(page.has_value(), "the broker's answer was read");
            merge(answer.reply, std::move(*page));
        }
        answers_.erase(found);
        reading_ns_ += cpu_ns() - before;
        return answer;
    }
    broker::Ticket place_stop(const std::string& symbol, const matching::TriggerLeg& leg,
                              Instant) override {
        ++orders_;
        ipc::ShareTriggerTold trigger;
        trigger.number = ++number_;
        trigger.symbol = symbol;
        trigger.side = model::Side::sell;
        trigger.status = matching::TriggerStatus::active;
        trigger.first = leg;
        triggers_[trigger.number] = trigger;
        ipc::ShareReply reply;
        reply.number = trigger.number;
        return answer(ipc::ShareCommand::place_trigger, std::move(reply));
    }
    broker::Ticket delete_stop(std::uint64_t trigger, Instant) override {
        ++orders_;
        triggers_.erase(trigger);
        return answer(ipc::ShareCommand::delete_trigger, {});
    }
    broker::Ticket cancel(std::uint64_t, Instant) override {
        return answer(ipc::ShareCommand::cancel, {});
    }
    broker::Ticket close(const broker::ShareOrderTerms&, Instant) override {
        ++orders_;
        return answer(ipc::ShareCommand::submit, {});
    }

  private:
    template <class T>
    static void append(std::vector<T>& to, std::vector<T>&& from) {
        to.insert(to.end(), std::make_move_iterator(from.begin()),
                  std::make_move_iterator(from.end()));
    }
    static void merge(ipc::ShareReply& all, ipc::ShareReply&& page) {
        all.command = page.command;
        all.number = page.number;
        all.market_time = page.market_time;
        all.open = page.open;
        append(all.held, std::move(page.held));
        append(all.orders, std::move(page.orders));
        append(all.triggers, std::move(page.triggers));
        append(all.quotes, std::move(page.quotes));
    }
    template <class T>
    static void cut(std::vector<T>& list, std::size_t page, std::vector<T>& to) {
        const auto first = std::min(page * ipc::k_share_page_max, list.size());
        const auto last = std::min(first + ipc::k_share_page_max, list.size());
        to.assign(list.begin() + static_cast<std::ptrdiff_t>(first),
                  list.begin() + static_cast<std::ptrdiff_t>(last));
    }
    broker::Ticket answer(ipc::ShareCommand command, ipc::ShareReply whole) {
        const auto before = cpu_ns();
        const auto most = std::max(
            {whole.held.size(), whole.triggers.size(), whole.quotes.size(), std::size_t{1}});
        auto& pages = answers_[++ticket_];
        for (std::size_t page = 0; page * ipc::k_share_page_max < most; ++page) {
            auto one = whole;
            cut(whole.held, page, one.held);
            cut(whole.triggers, page, one.triggers);
            cut(whole.quotes, page, one.quotes);
            one.command = command;
            one.market_time = at_;
            one.open = true;
            pages.push_back(ipc::encode(one));
        }
        own_ns_ += cpu_ns() - before;
        return ticket_;
    }

    UtcTime opens_;
    UtcTime at_{};
    std::map<std::string, std::int64_t> last_;
    std::map<std::uint64_t, ipc::ShareTriggerTold> triggers_;
    std::map<broker::Ticket, std::vector<std::string>> answers_;
    broker::Ticket ticket_ = 0;
    std::uint64_t number_ = 0;
    std::size_t orders_ = 0;
    std::int64_t reading_ns_ = 0;
    std::int64_t own_ns_ = 0;
    std::int64_t answered_ = 0;
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

}  // namespace

int main(int argc, char**) try {
    require(argc == 1, "it takes no arguments");
    const test::TemporaryDirectory directory;
    CountedFiles files;
    AccountPaths paths;
    paths.directory = directory.file("bench");
    require(::mkdir(paths.directory.c_str(), 0700) == 0, "made the account's directory");
    write_candles(directory.file("candles"));
    config::JobsSettings settings;
    settings.watch.rule = config::WatchRule::atr;
    settings.watch.poll = std::chrono::seconds(1);
    jobs::AccountFacts facts;
    facts.account = "bench";
    facts.trading_day = "2026-07-06";
    facts.trading_day_before = "2026-07-03";
    const auto opens = *parse_utc("2026-07-06T03:45:00Z");
    facts.day_closes = *parse_utc("2026-07-06T10:00:00Z");
    ListBroker broker(opens);
    broker.second(0);
    const jobs::JobGrounds grounds{
        facts, paths, settings, files, false, nullptr, directory.file("candles")};
    const auto job =
        jobs::make_hourly_candle_watchdog(jobs::ProtectionRole{{grounds}, broker, broker, "BENC"});
    MonoTime now{std::chrono::hours(1)};
    const auto step = [&] {
        const auto progress = job->step({opens, now});
        require(std::holds_alternative<jobs::Later>(progress), "it goes on");
        return std::get<jobs::Later>(progress).at;
    };
    // Until every share has its stop at the broker.
    while (step() <= now) {
    }
    require(broker.orders() == k_shares, "every share has a stop");

    std::vector<double> decisions;
    std::vector<double> keepings;
    const auto began = mono_ns();
    const auto cpu = cpu_ns();
    const auto own = broker.own_ns();
    const auto reading = broker.reading_ns();
    std::int64_t made = 0;
    for (int second = 1; second <= k_seconds; ++second) {
        const auto before = cpu_ns();
        broker.second(second);
        made += cpu_ns() - before;
        now += std::chrono::seconds(1);
        const auto kept = files.made();
        while (step() <= now) {
        }
        // A second in which records were written takes what the disk takes.
        const auto took = static_cast<double>(mono_ns() - broker.answered()) / 1e3;
        (files.made() == kept ? decisions : keepings).push_back(took);
    }
    const auto used = static_cast<double>(cpu_ns() - cpu - made - (broker.own_ns() - own));
    const auto read = static_cast<double>(broker.reading_ns() - reading);
    JsonLine("watch")
        .add("n", k_shares)
        .add("decision_us", median(decisions))
        .add("decision_p99_us", quantile(decisions, 0.99))
        .add("kept", static_cast<double>(keepings.size()))
        .add("kept_us", median(keepings))
        .add("core_percent", used / k_seconds / 1e9 * 100)
        .add("floor_percent", read / k_seconds / 1e9 * 100)
        .add("ratio", used / read)
        .add("wall_ms", ms(mono_ns() - began))
        .print();
    return 0;
} catch (const bullpen::bench::Unmeasured& why) {
    return bullpen::bench::give_up(why);
}
