// A worker's port to a real bullpen-venue, as the tests of every broker drive it.
#pragma once

#include <poll.h>

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ipc/cookie.hpp"
#include "tests/support/broker_conformance.hpp"
#include "tests/support/venue_process.hpp"
#include "worker/broker/venue_port.hpp"

namespace bullpen::test {

// A worker's port to a venue process, with the market moved by hand.
class VenueBench final : public BrokerBench {
  public:
    explicit VenueBench(VenueProcess& venue, const std::string& account = "ACC1",
                        Nanos answer_wait = std::chrono::seconds(20))
        : venue_(venue), account_(account) {
        broker::VenuePortSettings settings;
        settings.socket = venue.socket();
        settings.account = account;
        settings.client = "test";
        settings.cookie = ipc::read_cookie(venue.socket());
        settings.answer_wait = settings.query_wait = answer_wait;
        settings.reconnect = {Millis(0), Millis(20)};
        settings.ping_interval = Millis(100);
        settings.silence_max = std::chrono::seconds(20);
        change(settings);
    }
    // Anew, with other settings.
    template <class Change>
    void with(Change change_settings) {
        auto settings = settings_;
        change_settings(settings);
        change(settings);
    }

    broker::Port& port() override { return *port_; }
    broker::VenuePort& venue_port() { return *port_; }
    [[nodiscard]] std::string account() const override { return account_; }
    [[nodiscard]] Instant now() const override { return clock_.now(); }

    void bar(std::int64_t open, std::int64_t high, std::int64_t low, std::int64_t close) override {
        const auto price = [](std::int64_t ticks) {
            return text(model::Price{ticks}, (*model::find_instrument("MES"))->tick);
        };
        const auto opened =
            venue_.admin("open", "{\"open\":\"" + price(open) + "\",\"high\":\"" + price(high) +
                                     "\",\"low\":\"" + price(low) + "\",\"close\":\"" +
                                     price(close) + "\",\"start\":\"" + format_utc(time_) + "\"}");
        REQUIRE_MESSAGE(opened.ok, opened.text);
        time_ += model::k_minute;
        std::string phase = opened.result;
        while (phase.find("closed") == std::string::npos) {
            // What the step led to has been told before its administrator is answered.
            (void)port_->poll(now(), events);
            phase = venue_.admin("advance").result;
        }
        (void)port_->poll(now(), events);
    }
    bool until(const std::function<bool()>& condition) override {
        const auto deadline = clock_.mono() + std::chrono::seconds(20);
        for (;;) {
            const auto next = port_->poll(now(), events);
            if (condition())
                return true;
            const auto left = std::min(next.value_or(deadline), deadline) - clock_.mono();
            if (clock_.mono() >= deadline)
                return false;
            pollfd watched{port_->fd(), POLLIN, 0};
            const auto millis = std::chrono::ceil<Millis>(std::max(left, Nanos{0})).count();
            (void)::poll(&watched, 1, static_cast<int>(std::max<std::int64_t>(millis, 1)));
        }
    }
    bool misbehave(Misdeed misdeed) override {
        if (misdeed == Misdeed::lose_answer && !port_->connected())
            with([](auto& settings) { settings.answer_wait = k_impatient; });
        venue_.personality(std::string(personality_for(misdeed)));
        return true;
    }
    bool leave() override {
        change(settings_);
        events.push_back(broker::Disconnected{"left", false});
        std::erase_if(events, [](const broker::Event& one) {
            return std::holds_alternative<broker::Connected>(one);
        });
        return true;
    }
    [[nodiscard]] std::optional<std::size_t> submissions(
        const model::ClientOrderId& order) override {
        std::size_t count = 0;
        std::istringstream lines(venue_.own_log());
        for (std::string line; std::getline(lines, line);) {
            const auto has = [&](std::string_view text) {
                return line.find(text) != std::string::npos;
            };
            count += has("\"received\"") && has("submit") && has(order.view()) ? 1 : 0;
        }
        return count;
    }
    [[nodiscard]] const broker::Answer& last_answer() {
        static const broker::Answer k_none;
        answers_ = all<broker::Answer>();
        return answers_.empty() ? k_none : answers_.back();
    }

  private:
    static constexpr Nanos k_impatient = std::chrono::seconds(2);

    static std::string_view personality_for(Misdeed misdeed) {
        switch (misdeed) {
            case Misdeed::expire_session: return "expire_session = 1\nexpire_session_times = 1\n";
            case Misdeed::lose_answer: return "lose_answer = 1\nlose_answer_times = 1\n";
            case Misdeed::lose_line: return "drop_after = 1\ndrop_after_times = 1\n";
            case Misdeed::fill_in_parts: return "first_part = 1\n";
            case Misdeed::tell_twice: return "duplicate = 1\n";
            case Misdeed::gather: return "gather_ms = 100\n";
            case Misdeed::late_answer: return "late_answer = 1\nlate_answer_times = 1\n";
            case Misdeed::none: break;
        }
        return "";
    }

    void change(const broker::VenuePortSettings& settings) {
        settings_ = settings;
        const auto* const mes = *model::find_instrument("MES");
        port_ = std::move(*broker::VenuePort::make(settings, std::span(&mes, 1)));
    }

    VenueProcess& venue_;
    std::string account_;
    SystemClock clock_;
    broker::VenuePortSettings settings_;
    std::unique_ptr<broker::VenuePort> port_;
    UtcTime time_{std::chrono::sys_days{std::chrono::year(2025) / 4 / 7}};
    std::vector<broker::Answer> answers_;
};

}  // namespace bullpen::test
