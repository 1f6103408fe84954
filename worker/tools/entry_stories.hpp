// EntryStories: what became of each decision to enter, as the records of an account's journal, or
// those of a backtest, tell it. One thread.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "worker/execution/record.hpp"
#include "worker/execution/recorder.hpp"

namespace bullpen::tools {

class EntryStories final : public execution::Recorder {
  public:
    // `instrument` outlives it.
    explicit EntryStories(const model::Instrument& instrument) : instrument_(instrument) {}

    Result<void> durable(const execution::Record& record) override { return this->record(record); }
    // Never fails. Of a market that was gone through again the newest decision counts.
    Result<void> record(const execution::Record& record) override;

    // Why the decision on the bar that began then made no trade: "denied: risk_gate, fast_market",
    // "not sent". Empty where it did, and where nothing was recorded of one.
    [[nodiscard]] std::string why_none(UtcTime signal_bar, model::Side side) const;

  private:
    using Decision = std::pair<UtcTime, model::Side>;
    void ended(const model::ClientOrderId& order, std::string how);

    const model::Instrument& instrument_;
    std::map<Decision, std::string> why_;
    std::map<model::ClientOrderId, Decision> orders_;  // of entries, until they fill
};

}  // namespace bullpen::tools
