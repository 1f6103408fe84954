// EntryAsker: the worker's side of an entry that needs the daemon's leave: what its beats say of
// it, how long an answer is waited for, and which answers are meant. Pure: messages and times come
// in.
#pragma once

#include <optional>
#include <string>

#include "common/base/clock.hpp"
#include "ipc/message.hpp"

namespace bullpen::worker {

class EntryAsker {
  public:
    // No answer for so long is no.
    static constexpr Nanos k_answer_wait = std::chrono::seconds(2);
    // How often the question is repeated meanwhile: a message may be lost.
    static constexpr Nanos k_repeat = Millis(500);

    enum class Verdict : std::uint8_t { waiting, granted, refused, unanswered };

    // The entry that waits for leave, as Trader::question() says it; none when none does.
    void follow(std::optional<std::int64_t> question, MonoTime now);
    // An answer; one to another question than the one that is out says nothing.
    void on_grant(const ipc::Grant& grant);
    // Another connection, perhaps to another daemon: what was asked there is given up.
    void on_new_connection();

    // What became of the question. `connected`: the daemon can be asked at all.
    [[nodiscard]] Verdict verdict(bool connected, MonoTime now) const;
    // The daemon's words with its answer; empty when it had none.
    [[nodiscard]] const std::string& words() const { return words_; }
    // For the beat; none when nothing is asked.
    [[nodiscard]] std::optional<ipc::EntryWish> wish(const std::string& product) const;
    // The daemon does not know yet what the beat would say of it.
    [[nodiscard]] bool beat_due(MonoTime now) const { return told_until_ <= now; }
    void on_beat_sent(MonoTime now);
    // None when nothing is asked.
    [[nodiscard]] std::optional<MonoTime> next_deadline() const;

  private:
    static constexpr MonoTime k_told{Nanos::max()};

    std::uint64_t number_ = 0;  // of the newest question
    std::optional<std::int64_t> quantity_;
    MonoTime asked_{};
    std::optional<bool> answer_;
    std::string words_;
    MonoTime told_until_ = k_told;
};

}  // namespace bullpen::worker
