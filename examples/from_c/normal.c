/* Mean and standard deviation of normal data, with the prior p(mu, sigma) = 1 / sigma.
 *
 * A position holds mu and log(sigma). With the Jacobian of the logarithm the prior is flat there.
 */
#include <math.h>

#include "rufous.h"

/* What user_data points at. */
struct data {
    uint64_t num_observations;
    const double *observations;
};

#if defined(_WIN32)
#define EXPORT __declspec(dllexport)
#else
#define EXPORT
#endif

EXPORT int64_t logp_dlogp(uint64_t dim, const double *position, double *gradient, double *logp,
                          void *user_data)
{
    const struct data *data = user_data;
    const double mu = position[0];
    const double log_sigma = position[1];
    const double precision = exp(-2.0 * log_sigma);
    double sum = 0.0, sum_of_squares = 0.0;

    if (dim != 2)
        return RUFOUS_FATAL;
    for (uint64_t i = 0; i < data->num_observations; i++) {
        const double difference = data->observations[i] - mu;
        sum += difference;
        sum_of_squares += difference * difference;
    }
    *logp = -(double)data->num_observations * log_sigma - 0.5 * precision * sum_of_squares;
    gradient[0] = precision * sum;
    gradient[1] = -(double)data->num_observations + precision * sum_of_squares;
    return RUFOUS_OK;
}

/* Store mu, sigma, and the probability that a new observation is negative. */
EXPORT int64_t expand(uint64_t dim, const double *position, uint64_t num_values, double *values,
                      void *user_data)
{
    (void)user_data;
    if (dim != 2 || num_values != 3)
        return RUFOUS_FATAL;
    values[0] = position[0];
    values[1] = exp(position[1]);
    values[2] = 0.5 * erfc(values[0] / values[1] / sqrt(2.0));
    return RUFOUS_OK;
}
