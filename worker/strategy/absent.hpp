// AbsentStrategy: stands where the settings name a strategy that there is not, in a worker that
// only makes safe what its account holds. It decides nothing, and what another one has saved stays
// as it is.
#pragma once

#include <string>

#include "worker/strategy/strategy.hpp"

namespace bullpen::strategy {

class AbsentStrategy final : public Strategy {
  public:
    [[nodiscard]] indicators::IndicatorSettings indicator_settings() const override { return {}; }
    void on_bar(const BarView& /*view*/, const Facts& /*facts*/,
                Decisions& /*decisions*/) override {}
    [[nodiscard]] std::string save() const override { return saved_; }
    Result<void> restore(std::string_view saved) override {
        saved_ = saved;
        return {};
    }
    void add_to(indicators::RunHash* /*hash*/) const override {}
    [[nodiscard]] std::vector<Detail> describe() const override { return {}; }

  private:
    std::string saved_;
};

}  // namespace bullpen::strategy
