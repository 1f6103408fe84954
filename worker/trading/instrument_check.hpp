// InstrumentCheck: whether the broker says of the instrument what our table says, asked anew with
// every session beside who the session is for. As long as it is not answered, and when it differs,
// nothing is entered. Pure but for the question, which goes through the port.
#pragma once

#include <optional>
#include <string>

#include "common/model/instrument.hpp"
#include "worker/broker/port.hpp"

namespace bullpen::trading {

class InstrumentCheck {
  public:
    // Until a broker that left something unsaid is asked again.
    static constexpr Nanos k_ask_again = std::chrono::seconds(15);

    // `instrument` outlives it. `answer_wait`: until a question is asked again.
    InstrumentCheck(const model::Instrument& instrument, Nanos answer_wait)
        : instrument_(&instrument),
          symbol_(model::Symbol::cut(instrument.symbol)),
          answer_wait_(answer_wait) {}

    void on_event(const broker::Event& event, Instant now) {
        if (const auto* answer = std::get_if<broker::InstrumentAnswer>(&event)) [[unlikely]]
            take(*answer, now);
        else if (std::holds_alternative<broker::Connected>(event)) [[unlikely]]
            begin(now);
        else if (std::holds_alternative<broker::Disconnected>(event)) [[unlikely]]
            end();
    }
    // Asks when it is time to.
    void on_time(broker::Port& port, Instant now) {
        if (due_ && now.mono >= *due_) [[unlikely]]
            ask(port, now);
    }
    [[nodiscard]] const std::optional<MonoTime>& next_deadline() const { return due_; }

    [[nodiscard]] bool agreed() const { return agreed_; }
    // Whether the first answer is still to come.
    [[nodiscard]] bool asking() const { return due_ && trouble_.empty(); }
    // What differed or was left unsaid when it was answered last; empty when nothing did.
    [[nodiscard]] const std::string& trouble() const { return trouble_; }

  private:
    void begin(Instant now);
    void end();
    void ask(broker::Port& port, Instant now);
    void take(const broker::InstrumentAnswer& answer, Instant now);

    const model::Instrument* instrument_;
    model::Symbol symbol_;
    Nanos answer_wait_;
    bool agreed_ = false;
    std::optional<MonoTime> due_;  // of the next question; none when there is nothing to ask
    std::string trouble_;
};

}  // namespace bullpen::trading
