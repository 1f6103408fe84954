#include "worker/entry_asker.hpp"

#include <algorithm>

namespace bullpen::worker {

void EntryAsker::follow(std::optional<std::int64_t> question, MonoTime now) {
    if (question && !quantity_) {
        ++number_;
        asked_ = now;
        answer_.reset();
        words_.clear();
        told_until_ = now;
    } else if (!question && quantity_) {
        // What came of it is told at once: others wait for it.
        told_until_ = now;
    }
    quantity_ = question;
}

void EntryAsker::on_grant(const ipc::Grant& grant) {
    if (!quantity_ || grant.number != number_ || answer_)
        return;
    answer_ = grant.granted;
    words_ = grant.text;
}

void EntryAsker::on_new_connection() {
    if (!quantity_ || answer_)
        return;
    answer_ = false;
    words_ = "the connection to the daemon was lost";
}

EntryAsker::Verdict EntryAsker::verdict(bool connected, MonoTime now) const {
    if (answer_)
        return *answer_ ? Verdict::granted : Verdict::refused;
    return !connected || now >= asked_ + k_answer_wait ? Verdict::unanswered : Verdict::waiting;
}

std::optional<ipc::EntryWish> EntryAsker::wish(const std::string& product) const {
    if (!quantity_)
        return std::nullopt;
    return ipc::EntryWish{number_, product, *quantity_, answer_.value_or(false)};
}

void EntryAsker::on_beat_sent(MonoTime now) {
    told_until_ = quantity_ ? now + k_repeat : k_told;
}

std::optional<MonoTime> EntryAsker::next_deadline() const {
    if (!quantity_)
        return told_until_ == k_told ? std::nullopt : std::optional(told_until_);
    return std::min(told_until_, asked_ + k_answer_wait);
}

}  // namespace bullpen::worker
