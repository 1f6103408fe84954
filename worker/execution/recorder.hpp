// Recorder: where the order manager's records go. A worker's is the account's journal, a backtest's
// keeps nothing. Called by the one thread that owns the account, record after record in order.
#pragma once

#include "common/base/result.hpp"
#include "worker/execution/record.hpp"

namespace bullpen::execution {

class Recorder {
  public:
    Recorder() = default;
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;
    virtual ~Recorder() = default;

    // Survives a power cut when it returns. After an error nothing of the record may be left behind
    // that could be read later; the order it is about is not sent.
    virtual Result<void> durable(const Record& record) = 0;
    // Survives the death of the process when it returns.
    virtual Result<void> record(const Record& record) = 0;
};

// For a backtest, which begins anew instead of recovering.
class NoRecorder final : public Recorder {
  public:
    Result<void> durable(const Record& /*record*/) override { return {}; }
    Result<void> record(const Record& /*record*/) override { return {}; }
};

}  // namespace bullpen::execution
