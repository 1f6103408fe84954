// An account of shares for tests: its files on a simulated disk, its jobs, and its broker, which is
// the paper exchange's own desk in this process (desk_broker.hpp).
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <optional>

#include "common/storage/atomic_file.hpp"
#include "tests/support/desk_broker.hpp"
#include "tests/support/simulated_disk.hpp"
#include "worker/jobs/registry.hpp"
#include "worker/jobs/share_ledger.hpp"
#include "worker/jobs/share_rest.hpp"

namespace bullpen::test {

using namespace jobs;

inline constexpr std::int64_t k_rupee = 1'000'000;
inline const UtcTime k_written = *parse_utc("2026-07-06T03:00:00Z");

// An account of 100,000 rupees with three signals in its inbox, at a broker where all three trade,
// and where a person has placed a trigger by hand.
struct ShareAccount {
    SimulatedDisk files;
    AccountPaths paths;
    config::JobsSettings settings;
    AccountFacts facts;
    DeskBroker broker{{100'000 * k_rupee, model::k_inr}};
    MonoTime now{std::chrono::hours(1)};
    std::uint64_t manual = 0;
    std::optional<ShareLedger> ledger;

    ShareAccount() {
        paths.directory = "/anna";
        paths.inbox = "/anna/inbox";
        paths.orders = "/anna/orders";
        for (const auto& path : {paths.directory, paths.inbox, paths.orders})
            REQUIRE(files.make_directories(path, 0700).has_value());
        facts.account = DeskBroker::k_account;
        facts.trading_day = "2026-07-06";
        facts.market_time = broker.desk().market().at();
        broker.price("AAA", 10'000);
        broker.price("BBB", 20'000);
        broker.price("CCC", 50'000);
        REQUIRE(storage::replace_file(files, paths.inbox + "/signals.csv",
                                      "Ticker,Entry_Price,Stop_Loss,Target1\n"
                                      "AAA,100,95,120\nBBB,200,190,230\nCCC,500,480,530\n")
                    .has_value());
        files.set_modified(paths.inbox + "/signals.csv", k_written);
        ipc::ShareRequest request;
        request.command = ipc::ShareCommand::place_trigger;
        request.symbol = "AAA";
        request.side = model::Side::sell;
        request.first = {{9'000}, {8'900}, 7};
        manual = broker.serve(request).number;
        REQUIRE(manual != 0);
    }

    // In another program.
    void buy_by_hand(const std::string& symbol, std::int64_t quantity, std::int64_t paise) {
        ipc::ShareRequest request;
        request.command = ipc::ShareCommand::submit;
        request.symbol = symbol;
        request.side = model::Side::buy;
        request.limit = {paise};
        request.quantity = quantity;
        REQUIRE(broker.serve(request).refusal.empty());
        broker.price(symbol, paise);
        REQUIRE(held(symbol) >= quantity);
    }

    // What the jobs of one process share.
    JobGrounds grounds(bool dry_run = false) {
        if (!ledger)
            ledger.emplace(files, paths, AccountId::parse(facts.account).value());
        return {facts, paths, settings, files, dry_run, &*ledger, "/candles"};
    }
    [[nodiscard]] Instant instant() const { return {k_written + std::chrono::hours(1), now}; }
    // A job of whatever role.
    std::unique_ptr<Job> job(config::JobKind kind, bool dry_run = false) {
        const auto grounds = this->grounds(dry_run);
        const auto& make = job_type(kind).make;
        if (const auto* placement = std::get_if<PlacementJob>(&make))
            return (*placement)({grounds, broker, broker, broker, "TEST"});
        if (const auto* protection = std::get_if<ProtectionJob>(&make))
            return (*protection)({grounds, broker, broker, "TEST"});
        return std::get<StateJob>(make)({grounds, &broker});
    }
    // To its end; the market goes on by a minute where it waits for that.
    Finished finish(Job& job) {
        for (int i = 0; i < 10'000; ++i) {
            const auto progress = job.step(instant());
            if (const auto* finished = std::get_if<Finished>(&progress))
                return *finished;
            const auto later = std::get<Later>(progress).at;
            if (later == MonoTime::max())
                broker.desk().step();
            else
                now = std::max(now, later);
        }
        FAIL("it does not come to an end");
        return {};
    }
    // Begun anew after each death, as the worker does it.
    template <class Make>
    Finished run_of(Make make) {
        for (;;) {
            auto one = make();
            try {
                return finish(*one);
            } catch (const Death&) {
                one.reset();
                ledger.reset();
            }
        }
    }
    Finished run(config::JobKind kind) {
        return run_of([&] { return job(kind); });
    }
    // To bring it to rest, as the worker does it.
    Finished rest(RestPolicy policy) {
        return run_of([&] {
            return make_rest({grounds(), broker, broker, broker, "TEST"}, policy);
        });
    }

    [[nodiscard]] std::map<std::string, std::int64_t> bought() const {
        std::map<std::string, std::int64_t> all;
        for (const auto& [number, order] : broker.book().orders()) {
            if (order.request.side == model::Side::buy)
                all[std::string(broker.book().symbol(order.request.share))] += order.filled;
        }
        return all;
    }
    [[nodiscard]] std::int64_t held(const std::string& symbol) const {
        for (std::uint32_t i = 0; i < broker.book().shares(); ++i) {
            if (broker.book().symbol({i}) == symbol)
                return broker.book().holding({i}).all();
        }
        return 0;
    }
    // Active sell triggers of a share but for the person's.
    [[nodiscard]] std::vector<matching::Trigger> stops(const std::string& symbol) const {
        std::vector<matching::Trigger> all;
        for (const auto& [number, trigger] : broker.book().triggers()) {
            if (trigger.status == matching::TriggerStatus::active && number != manual &&
                broker.book().symbol(trigger.request.share) == symbol)
                all.push_back(trigger);
        }
        return all;
    }
    // By the trigger that is placed by hand, where it sells no more than is held.
    [[nodiscard]] std::int64_t left_to_person(const std::string& symbol) const {
        const auto& trigger = broker.book().triggers().at(manual);
        const auto quantity = trigger.request.first.quantity;
        const bool stands = trigger.status == matching::TriggerStatus::active &&
                            broker.book().symbol(trigger.request.share) == symbol;
        return stands && quantity <= held(symbol) ? quantity : 0;
    }
    void check_manual() const {
        CHECK(broker.book().triggers().at(manual).status == matching::TriggerStatus::active);
    }
    void check_protected() const {
        for (const auto* symbol : {"AAA", "BBB", "CCC"}) {
            CAPTURE(symbol);
            const auto all = stops(symbol);
            REQUIRE(all.size() == 1);
            CHECK(all.front().request.first.quantity == held(symbol) - left_to_person(symbol));
        }
        check_manual();
    }
};

}  // namespace bullpen::test
