/* SPDX-License-Identifier: Apache-2.0
 *
 * rufous.h: how a log density from any language is handed to Rufous.
 *
 * A log density is a C function; `rufous.from_pointers` takes its address and samples it. The
 * directory of this file is `rufous.get_include()`. The functions need not be written in C: any
 * language that can export the types below will do (Rust `extern "C"`, C++ `extern "C"`, Fortran
 * `bind(C)`, Julia `@cfunction`, Numba `cfunc`).
 *
 *     position      a vector of `dim` unconstrained real numbers
 *     logdensity    the logarithm of the density there, up to a constant, including the
 *                   logarithm of the Jacobian determinant of any transform
 *     gradient      its derivative with respect to the position
 *     values        what is stored of a draw, computed from the position by `expand`
 *
 * Rules for both functions
 * ------------------------
 * - Called at the same time from several threads: one thread for each chain, all with the same
 *   `user_data`. Write to nothing behind `user_data` without a lock.
 * - `position` is read only. Outputs are written whole before 0 is returned; on entry they hold
 *   anything. No output overlaps `position`. Nothing is kept after the return.
 * - The pointers are aligned for their types. With `dim` 0 they may point at nothing.
 * - The code and the memory behind `user_data` stay valid for as long as the `keep_alive` object
 *   given to `rufous.from_pointers` lives; Rufous holds it while anything can still call them.
 * - The same position gives the same bits, or runs cannot be reproduced.
 * - No exception and no panic may leave the function, and no longjmp: return a status instead.
 *
 * Status
 * ------
 * 0          Done. A logdensity or gradient that is not finite counts as
 *            RUFOUS_NOT_FINITE, so a density need not test for it.
 * positive   Recoverable: the density has no value here. While sampling the transition ends as
 *            a divergence; at a starting point the next one is tried. RUFOUS_NOT_FINITE and
 *            RUFOUS_RAISED below 1000 are named in messages; other numbers are shown as they are.
 * negative   Fatal: the chain stops, what it has drawn is kept, and the number is shown.
 */
#ifndef RUFOUS_H
#define RUFOUS_H

#include <stdint.h>

/* Version of this interface; raised when a function changes. */
#define RUFOUS_ABI_VERSION 1

#define RUFOUS_OK INT64_C(0)
/* The logdensity or an element of the gradient is infinite or not a number. */
#define RUFOUS_NOT_FINITE INT64_C(1)
/* The function raised an error inside, for example a matrix that is not positive definite. */
#define RUFOUS_RAISED INT64_C(2)
/* The position lies outside the support of the density. */
#define RUFOUS_OUTSIDE_SUPPORT INT64_C(3)
/* Codes of your own: RUFOUS_USER_REASON and above. */
#define RUFOUS_USER_REASON INT64_C(1000)
/* Any negative number is fatal; this is one to use. */
#define RUFOUS_FATAL INT64_C(-1)

#ifdef __cplusplus
extern "C" {
#endif

/* Compute the logdensity and its gradient.
 *
 * dim        number of elements of position and gradient
 * position   in:  double[dim]
 * gradient   out: double[dim]
 * logp       out: double[1]
 * user_data  the pointer given to from_pointers, or NULL
 */
typedef int64_t (*rufous_logp_dlogp)(uint64_t dim, const double *position, double *gradient,
                                     double *logp, void *user_data);

/* Compute the stored values of a draw. Called once for each stored draw.
 *
 * dim         number of elements of position
 * position    in:  double[dim]
 * num_values  number of elements of values
 * values      out: double[num_values], each variable in row-major order, one after the other
 * user_data   the pointer given to from_pointers, or NULL
 *
 * A positive status fills the values of this draw with NaN; a negative one stops the chain.
 */
typedef int64_t (*rufous_expand)(uint64_t dim, const double *position, uint64_t num_values,
                                 double *values, void *user_data);

#ifdef __cplusplus
}
#endif

#endif /* RUFOUS_H */
