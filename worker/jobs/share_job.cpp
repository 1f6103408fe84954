#include "worker/jobs/share_job.hpp"

namespace bullpen::jobs {

namespace {

// Looks that the broker does not answer, one after the other, until the run has failed.
constexpr int k_unknown_max = 3;
// Orders that are not sent, one after the other, until the run has failed.
constexpr int k_unsent_max = 20;
// A broker's limit of orders is a second's.
constexpr Nanos k_pause = std::chrono::milliseconds(250);

}  // namespace

ShareJob::ShareJob(const JobGrounds& grounds, broker::ShareReader& reader)
    : grounds_(grounds),
      reader_(reader),
      account_(AccountId::parse(grounds.facts.account).value()),
      path_(share_records_path(grounds.paths.directory)),
      look_(reader) {}

Result<void> ShareJob::keep() {
    return save(grounds_.files, path_, account_, records_);
}

Progress ShareJob::step(Instant now) {
    if (!begun_) {
        auto records = load_share_records(grounds_.files, path_, account_);
        if (!records)
            return Finished{false, records.error().message()};
        records_ = std::move(*records);
        if (auto begun = begin(now); !begun)
            return Finished{false, begun.error().message()};
        begun_ = true;
    }
    while (true) {
        if (now.mono < not_before_)
            return Later{not_before_};
        if (auto progress = go_on(now))
            return *progress;
    }
}

std::optional<Progress> ShareJob::go_on(Instant now) {
    if (ticket_) {
        const auto answer = reader_.take(*ticket_);
        if (!answer)
            return Progress{k_news};
        ticket_.reset();
        return heard(*answer, now);
    }
    if (!look_.under_way()) {
        if (!reader_.connected())
            return Progress{k_news};
        look_.begin(symbols(), now);
    }
    switch (look_.look(now)) {
        case ShareLook::State::waiting: return Progress{k_news};
        case ShareLook::State::unknown:
            if (++unknown_ >= k_unknown_max)
                return Finished{false, "the broker does not say: " + look_.trouble()};
            not_before_ = now.mono + k_pause;
            return std::nullopt;
        case ShareLook::State::known: break;
    }
    unknown_ = 0;
    world_ = look_.take();
    return decide(now);
}

std::optional<Progress> ShareJob::heard(const broker::ShareAnswer& answer, Instant now) {
    const bool unsent = answer.outcome == broker::Outcome::not_sent;
    unsent_ = unsent ? unsent_ + 1 : 0;
    after(answer);
    if (auto kept = keep(); !kept)
        return Finished{false, kept.error().message()};
    if (unsent_ >= k_unsent_max)
        return Finished{false, "not sent: " + answer.text};
    if (unsent)
        not_before_ = now.mono + k_pause;
    return std::nullopt;
}

}  // namespace bullpen::jobs
