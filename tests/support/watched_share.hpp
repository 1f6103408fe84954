// One share behind a stop, and hourly_candle_watchdog that watches it, for tests.
#pragma once

#include "tests/support/share_account.hpp"
#include "tests/support/temporary.hpp"
#include "worker/jobs/watch_records.hpp"

namespace bullpen::test {

// An account that holds one share, with a stop at the broker, and its watchdog. The market goes on
// by a minute whenever the job waits for a time; then the share costs what the test says.
struct WatchedShare : ShareAccount {
    static constexpr std::int64_t k_bought = 100;
    static constexpr std::int64_t k_paid = 10'000;
    std::vector<std::int64_t> prices;  // one a minute; the last one stays
    std::size_t minute = 0;
    std::int64_t most = std::numeric_limits<std::int64_t>::max();  // that trade at each price
    std::string trouble;

    WatchedShare() {
        settings.watch.rule = config::WatchRule::atr;
        facts.trading_day_before = "2026-07-03";
        facts.day_closes = *parse_utc("2026-07-06T10:00:00Z");
        REQUIRE(files.make_directories("/candles", 0700).has_value());
        ipc::ShareRequest buy;
        buy.command = ipc::ShareCommand::submit;
        buy.client = model::ClientOrderId::parse("BUY1").value();
        buy.symbol = "AAA";
        buy.side = model::Side::buy;
        buy.limit = {k_paid};
        buy.quantity = k_bought;
        REQUIRE(broker.serve(buy).refusal.empty());
        broker.price("AAA", k_paid);
        REQUIRE(held("AAA") == k_bought);
        candles(200);
        // What a person's stop is for the watchdog leaves to it: here that is of another share.
        by_person(DeskTrigger{manual, 0});
        manual = by_person({0, 7}, "BBB");
    }

    // In another program: a trigger that goes, or one that comes.
    struct DeskTrigger {
        std::uint64_t goes = 0;
        std::int64_t comes = 0;
        std::int64_t at = 9'000;
    };
    std::uint64_t by_person(const DeskTrigger& what, const std::string& symbol = "AAA") {
        ipc::ShareRequest request;
        request.command =
            what.goes != 0 ? ipc::ShareCommand::delete_trigger : ipc::ShareCommand::place_trigger;
        request.number = what.goes;
        request.symbol = symbol;
        request.side = model::Side::sell;
        request.first = {{what.at}, {what.at - 100}, what.comes};
        request.last_price = {k_paid};
        const auto reply = broker.serve(request);
        REQUIRE(reply.refusal.empty());
        return reply.number;
    }

    // Candles with a range of so many paise, each of the last thirty days.
    void candles(std::int64_t range) {
        std::string text = "date,open,high,low,close\n";
        const auto first = *parse_utc("2026-06-05T00:00:00Z");
        for (int day = 0; day < 30; ++day) {
            const auto date = format_utc(first + std::chrono::days(day)).substr(0, 10);
            const auto at = [](std::int64_t paise) {
                return std::to_string(paise / 100) + "." + std::to_string(paise % 100 / 10) +
                       std::to_string(paise % 10);
            };
            text += date + "," + at(k_paid) + "," + at(k_paid + range / 2) + "," +
                    at(k_paid - range / 2) + "," + at(k_paid) + "\n";
        }
        REQUIRE(storage::replace_file(files, "/candles/AAA_day.csv", text).has_value());
    }

    void next_minute() {
        broker.desk().step();
        if (minute < prices.size())
            broker.price("AAA", prices[minute++], most);
    }

    // So many minutes; begun anew after each death, as the worker does it. The run's end, if it
    // comes before.
    std::optional<Finished> watch(std::size_t minutes) {
        auto one = job(config::JobKind::hourly_candle_watchdog);
        for (std::size_t passed = 0; passed < minutes;) {
            try {
                const auto progress = one->step(instant());
                const auto told = one->take_trouble();
                trouble += told.empty() ? "" : told + "\n";
                if (const auto* finished = std::get_if<Finished>(&progress))
                    return *finished;
                const auto later = std::get<Later>(progress).at;
                if (later <= now)
                    continue;
                if (later != MonoTime::max())
                    now = later;
                next_minute();
                ++passed;
            } catch (const Death&) {
                one.reset();
                ledger.reset();
                one = job(config::JobKind::hourly_candle_watchdog);
            }
        }
        return std::nullopt;
    }

    [[nodiscard]] std::int64_t sold() const {
        std::int64_t all = 0;
        for (const auto& [number, order] : broker.book().orders()) {
            if (order.request.side == model::Side::sell)
                all += order.filled;
        }
        return all;
    }
    // Fills of sell orders, by their order: quantity at limit.
    [[nodiscard]] std::vector<std::pair<std::int64_t, std::int64_t>> sales() const {
        std::vector<std::pair<std::int64_t, std::int64_t>> all;
        for (const auto& [number, order] : broker.book().orders()) {
            if (order.request.side == model::Side::sell && order.filled > 0)
                all.emplace_back(order.filled, order.request.limit.ticks);
        }
        return all;
    }
    [[nodiscard]] jobs::WatchedShare known() const {
        auto& disk = const_cast<SimulatedDisk&>(files);
        const auto all =
            load_watch_records(disk, watch_records_path(paths.directory), account_id("anna"));
        REQUIRE(all.has_value());
        const auto& records = all->records;
        return records.contains("AAA") ? records.at("AAA") : jobs::WatchedShare{};
    }
    // What is held has exactly one stop of its own, of its size; nothing has none.
    void check_rest() const {
        const auto all = stops("AAA");
        if (held("AAA") == 0) {
            CHECK(all.empty());
        } else {
            REQUIRE(all.size() == 1);
            CHECK(all.front().request.first.quantity == held("AAA"));
        }
        check_manual();
    }
};

}  // namespace bullpen::test
